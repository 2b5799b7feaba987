// Reads a large multipart body while it arrives: values and small files are kept in memory, the contents of the others
// are written to files without a name, on the disk where they will stay.                   Behaviour: spec 01 §1.6–§1.7.
//
// The connection fills space() and tells how much with Commit. When HasToRead() it calls Read, then Write on a thread that
// may block if there is something to be written, and goes on filling. Until Write is done the memory is not touched.
#pragma once

#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "worker/http/form_parts.h"

namespace wombat {

class FormReader final : private FormParts {
 public:
  // `content_type`: of the request. Without a usable boundary everything is read and the form is an error.
  FormReader(std::string_view content_type, std::string data_dir);
  ~FormReader();
  FormReader(const FormReader&) = delete;
  FormReader& operator=(const FormReader&) = delete;

  struct Space {
    char* data;
    std::size_t size;
  };
  // Null: no memory.
  Space space();
  void Commit(std::size_t size);
  // Copies; takes more than space() has. False: no memory.
  bool Append(const char* data, std::size_t size);
  std::uint64_t received() const { return received_; }

  bool HasToRead() const;
  // `last`: the body is complete.
  void Read(bool last);
  bool HasToWrite() const { return !writes_.empty(); }
  void Write();

  // After the last Read and Write.
  const SubmittedForm& form() const { return form_; }

 private:
  // A file whose contents go to the disk.
  struct Spooled;
  struct Piece {
    std::size_t file;
    std::string_view bytes;
  };

  void OnFileContent(std::string_view content, bool lasts) override;
  void OnFileEnd() override;
  void Spool(std::string_view content);
  std::string_view Copied(std::string_view content);
  bool WritePiece(const Piece& piece);
  bool OpenSpooled(std::size_t file);
  void EndSpooled(std::size_t file);
  bool Reserve(std::size_t size);

  std::string data_dir_;
  std::optional<MultipartParser> parser_;
  char* block_ = nullptr;
  std::size_t begin_ = 0, end_ = 0, capacity_ = 0;
  std::uint64_t received_ = 0;
  std::size_t kept_bytes_ = 0;  // of files that are in memory
  std::vector<Piece> writes_;
  std::vector<std::unique_ptr<std::string>> copied_;  // what pieces view besides the block
  std::vector<std::unique_ptr<Spooled>> spooled_;     // by file; null: in memory
};

// Lets go of a form. Giving back the disk space of a large file takes time: that happens on libuv's thread pool.
void DiscardForm(uv_loop_t* loop, std::unique_ptr<FormReader> reader);

}  // namespace wombat
