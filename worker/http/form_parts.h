// The parts of a multipart body on their way into a form. Only for submitted_form.cpp and form_reader.cpp.
#pragma once

#include <string>
#include <string_view>

#include "worker/http/multipart.h"
#include "worker/http/submitted_form.h"

namespace wombat {

class FormParts : public MultipartSink {
 public:
  bool OnPart(MultipartPart part) final;
  bool OnContent(std::string_view content) final;
  bool OnPartEnd() final;

  // Nothing follows: `parser` has seen everything, or has failed.
  void Finish(const MultipartParser& parser);
  SubmittedForm& form() { return form_; }
  void Fail(ApiError error);

 protected:
  ~FormParts() = default;

  // The contents of the form's last file. `lasts`: as long as the body, and in one piece.
  virtual void OnFileContent(std::string_view content, bool lasts) = 0;
  virtual void OnFileEnd() {}

  SubmittedForm form_;

 private:
  bool Unreadable(std::string reason);
  bool TakeContent(std::string_view content, bool lasts);

  MultipartPart part_;
  QuotedPrintableDecoder decoder_;
  std::string text_;     // of a value
  std::string decoded_;  // of a transfer encoding
  std::size_t value_bytes_ = 0;
  bool skipped_ = false, is_file_ = false;
};

}  // namespace wombat
