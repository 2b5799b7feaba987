#include "worker/http/form_reader.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "common/storage/spool.h"
#include "worker/http/media_type.h"

namespace wombat {
namespace {

// What is read at once, and handed to a writing thread at once.
constexpr std::size_t kBlock = 256u << 10;
constexpr std::size_t kReadFrom = 128u << 10;
// Files up to this stay in memory, as long as those of one form are not more than kKeptOfForm together.
constexpr std::size_t kKeptFile = 64u << 10;
constexpr std::size_t kKeptOfForm = 512u << 10;
// What is kept of a file on the disk: enough to tell its type.
constexpr std::size_t kShownBeginning = 4u << 10;
// The kernel is told to start writing in steps of this: the sync at the end then waits for little.
constexpr std::uint64_t kWriteBackStep = 8u << 20;
// In all forms of this process: connections need descriptors, too.
constexpr int kMaxSpooledFiles = 4096;
std::atomic<int> open_files{0};

ApiError DiskFailure(const Error& error) {
  if (error.kind == Error::Kind::kDiskFull)
    return {507, "The data directory cannot be written: the disk is full or read-only.", Json::Object(), error.message};
  return {400, {}, Json::Object(), error.message};
}

struct FreeDigest {
  void operator()(EVP_MD_CTX* digest) const { ::EVP_MD_CTX_free(digest); }
};

}  // namespace

struct FormReader::Spooled {
  Spooled() : digest(::EVP_MD_CTX_new()) { ::EVP_DigestInit_ex(digest.get(), ::EVP_md5(), nullptr); }
  ~Spooled() {
    if (counted) --open_files;
  }

  std::unique_ptr<EVP_MD_CTX, FreeDigest> digest;
  std::uint64_t written = 0, written_back = 0;
  bool counted = false;
};

FormReader::FormReader(std::string_view content_type, std::string data_dir) : data_dir_(std::move(data_dir)) {
  const auto media = ParseMediaType(content_type);
  const auto* boundary = media && media->type == "multipart/form-data" ? media->Find("boundary") : nullptr;
  MultipartSink& sink = *this;
  if (boundary)
    parser_.emplace(*boundary, sink);
  else
    Fail({400, {}, Json::Object(), "no multipart boundary"});
}

FormReader::~FormReader() { std::free(block_); }

bool FormReader::Reserve(std::size_t size) {
  if (capacity_ - end_ >= size && block_) return true;
  if (begin_ > 0) {
    std::memmove(block_, block_ + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    if (capacity_ - end_ >= size) return true;
  }
  const std::size_t capacity = std::max(kBlock, end_ + size);
  auto* block = static_cast<char*>(std::realloc(block_, capacity));
  if (!block) return false;
  block_ = block;
  capacity_ = capacity;
  return true;
}

FormReader::Space FormReader::space() {
  if (!Reserve(kBlock - kReadFrom)) return {nullptr, 0};
  return {block_ + end_, capacity_ - end_};
}

void FormReader::Commit(std::size_t size) {
  end_ += size;
  received_ += size;
}

bool FormReader::Append(const char* data, std::size_t size) {
  if (!Reserve(size)) return false;
  std::memcpy(block_ + end_, data, size);
  Commit(size);
  return true;
}

bool FormReader::HasToRead() const { return end_ - begin_ >= kReadFrom; }

void FormReader::Read(bool last) {
  if (!parser_ || form_.error) {
    begin_ = end_ = 0;
    return;
  }
  begin_ += parser_->Parse({block_ + begin_, end_ - begin_}, last);
  if (last || parser_->failed()) Finish(*parser_);
  if (!form_.error) return;
  writes_.clear();
  copied_.clear();
}

void FormReader::OnFileContent(std::string_view content, bool lasts) {
  UploadedFile& file = form_.files.back();
  spooled_.resize(form_.files.size());
  auto& spooled = spooled_.back();
  if (!spooled && file.size == 0) form_.kept.push_back(std::make_unique<std::string>());
  file.size += content.size();
  std::string& kept = *form_.kept.back();
  if (!spooled && file.size <= kKeptFile && kept_bytes_ + content.size() <= kKeptOfForm) {
    kept_bytes_ += content.size();
    file.content = kept.append(content);
    return;
  }
  if (!spooled) {
    spooled = std::make_unique<Spooled>();
    kept_bytes_ -= kept.size();
    if (!kept.empty()) Spool(Copied(kept));
    if (kept.size() < kShownBeginning) kept.append(content.substr(0, kShownBeginning - kept.size()));
    kept.resize(std::min(kept.size(), kShownBeginning));
    kept.shrink_to_fit();
    file.content = kept;
  }
  Spool(lasts ? content : Copied(content));
}

std::string_view FormReader::Copied(std::string_view content) {
  return *copied_.emplace_back(std::make_unique<std::string>(content));
}

void FormReader::Spool(std::string_view content) { writes_.push_back({form_.files.size() - 1, content}); }

void FormReader::OnFileEnd() {
  spooled_.resize(form_.files.size());
  if (spooled_.back()) Spool({});
}

void FormReader::Write() {
  for (const Piece& piece : writes_)
    if (!WritePiece(piece)) break;
  writes_.clear();
  copied_.clear();
  if (!form_.error) return;
  // What was written is of no use to anybody, and the disk may be full of it.
  form_.files.clear();
  spooled_.clear();
}

// One without bytes ends its file.
bool FormReader::WritePiece(const Piece& piece) {
  UploadedFile& file = form_.files[piece.file];
  Spooled& spooled = *spooled_[piece.file];
  if (!file.spooled && !OpenSpooled(piece.file)) return false;
  if (piece.bytes.empty()) return EndSpooled(piece.file), true;
  ::EVP_DigestUpdate(spooled.digest.get(), piece.bytes.data(), piece.bytes.size());
  for (auto rest = piece.bytes; !rest.empty();) {
    const ssize_t written = ::write(file.spooled->get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
      Error error;
      error.message = std::string("cannot write an upload: ") + std::strerror(errno);
      if (full) error.kind = Error::Kind::kDiskFull;
      Fail(DiskFailure(error));
      return false;
    }
    rest.remove_prefix(std::size_t(written));
    spooled.written += std::uint64_t(written);
  }
  if (spooled.written - spooled.written_back >= kWriteBackStep) {
    ::sync_file_range(file.spooled->get(), off_t(spooled.written_back), off_t(spooled.written - spooled.written_back),
                      SYNC_FILE_RANGE_WRITE);
    spooled.written_back = spooled.written;
  }
  return true;
}

bool FormReader::OpenSpooled(std::size_t file) {
  spooled_[file]->counted = true;
  if (++open_files > kMaxSpooledFiles) {
    Fail({503, "The server is busy, try again later.", Json::Object(), "too many files are being uploaded"});
    return false;
  }
  auto opened = NewSpoolFile(SpoolFolder(data_dir_));
  if (!opened) {
    Fail(DiskFailure(opened.error()));
    return false;
  }
  form_.files[file].spooled = std::move(*opened);
  return true;
}

void FormReader::EndSpooled(std::size_t file) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  ::EVP_DigestFinal_ex(spooled_[file]->digest.get(), digest, &size);
  spooled_[file]->digest.reset();
  unsigned char text[2 * EVP_MAX_MD_SIZE];
  const int length = ::EVP_EncodeBlock(text, digest, int(size));
  form_.files[file].md5.assign(reinterpret_cast<char*>(text), std::size_t(length));
}

void DiscardForm(uv_loop_t* loop, std::unique_ptr<FormReader> reader) {
  const auto on_disk = [](const UploadedFile& file) { return file.spooled != nullptr; };
  if (!reader || std::ranges::none_of(reader->form().files, on_disk)) return;
  auto* work = new uv_work_t;
  work->data = reader.get();
  const int status = uv_queue_work(
      loop, work, [](uv_work_t* request) { delete static_cast<FormReader*>(request->data); },
      [](uv_work_t* request, int) { delete request; });
  if (status == 0)
    (void)reader.release();
  else
    delete work;
}

}  // namespace wombat
