#include "worker/http/static_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include "common/base/text.h"
#include "worker/http/content.h"
#include "worker/http/error_response.h"
#include "worker/http/mime_types.h"
#include "worker/http/off_loop.h"

namespace wombat {
namespace {

constexpr std::string_view kIndex = "index.html";

struct Found {
  enum class Kind { kMissing, kFile, kRedirect } kind = Kind::kMissing;
  std::shared_ptr<UniqueFd> file;
  std::uint64_t size = 0;
  ContentInfo info;
  std::string target;  // kRedirect
};

enum class Opened { kMissing, kFile, kDirectory };

// Non-blocking, so that a FIFO or device in the directory cannot hold a pool thread; only regular files are served.
Opened Open(const std::string& path, UniqueFd& file, struct stat& status) {
  file.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file || ::fstat(file.get(), &status) != 0) return Opened::kMissing;
  if (S_ISDIR(status.st_mode)) return Opened::kDirectory;
  return S_ISREG(status.st_mode) ? Opened::kFile : Opened::kMissing;
}

std::string TypeOf(const std::string& path, const UniqueFd& file) {
  if (auto type = TypeByExtension(path); !type.empty()) return type;
  std::array<char, kSniffBytes> start;
  const ssize_t size = ::pread(file.get(), start.data(), start.size(), 0);
  return std::string(SniffContentType({start.data(), size > 0 ? static_cast<std::size_t>(size) : 0}));
}

// Strong: a file that was written again has another time or size.
std::string TagOf(const struct stat& status) {
  char text[64];
  const int length = std::snprintf(text, sizeof text, "\"%llx.%lx-%llx\"", static_cast<unsigned long long>(status.st_mtim.tv_sec),
                                   static_cast<unsigned long>(status.st_mtim.tv_nsec),
                                   static_cast<unsigned long long>(status.st_size));
  return {text, static_cast<std::size_t>(length)};
}

Found FileFound(const std::string& path, UniqueFd file, const struct stat& status) {
  Found found;
  found.kind = Found::Kind::kFile;
  found.info.content_type = TypeOf(path, file);
  if (status.st_mtime != 0) found.info.modified = status.st_mtime;
  found.info.etag = TagOf(status);
  found.size = static_cast<std::uint64_t>(status.st_size);
  found.file = std::make_shared<UniqueFd>(std::move(file));
  return found;
}

Found RedirectTo(std::string_view path) { return {Found::Kind::kRedirect, nullptr, 0, {}, LocalRedirectTarget(path)}; }

Found LookUp(const std::string& directory, std::string_view file_path, std::string_view url_path) {
  std::string clean;
  if (!CleanFilePath(file_path, clean)) return {};
  std::string path = directory + "/" + clean;
  UniqueFd file;
  struct stat status {};
  switch (Open(path, file, status)) {
    case Opened::kMissing:
      return {};
    case Opened::kFile:
      if (url_path.ends_with('/')) {
        while (url_path.size() > 1 && url_path.ends_with('/')) url_path.remove_suffix(1);
        return RedirectTo(url_path);
      }
      if (url_path.ends_with(kIndex)) return RedirectTo(url_path.substr(0, url_path.size() - kIndex.size()));
      return FileFound(path, std::move(file), status);
    case Opened::kDirectory:
      break;
  }
  if (!url_path.ends_with('/')) return RedirectTo(std::string(url_path) + "/");
  path.append("/").append(kIndex);
  return Open(path, file, status) == Opened::kFile ? FileFound(path, std::move(file), status) : Found();
}

Found LookUpWithFallback(const std::string& directory, bool index_fallback, const std::string& file_path,
                         const std::string& url_path) {
  Found found = LookUp(directory, file_path, url_path);
  if (found.kind != Found::Kind::kMissing || !index_fallback) return found;
  const std::string index = directory + "/" + std::string(kIndex);
  UniqueFd file;
  struct stat status {};
  return Open(index, file, status) == Opened::kFile ? FileFound(index, std::move(file), status) : found;
}

}  // namespace

std::string LocalRedirectTarget(std::string_view path) {
  const auto start = std::min(path.find_first_not_of("/\\"), path.size());
  if (start == 0) return std::string(path);
  return "/" + std::string(path.substr(start));
}

bool CleanFilePath(std::string_view path, std::string& clean) {
  if (path.find('\0') != std::string_view::npos) return false;
  std::vector<std::string_view> kept;
  for (const auto segment : Split(path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      kept.push_back(segment);
    } else {
      if (kept.empty()) return false;
      kept.pop_back();
    }
  }
  clean.clear();
  for (const auto segment : kept) clean.append(clean.empty() ? "" : "/").append(segment);
  return true;
}

StaticFiles::StaticFiles(uv_loop_t* loop, std::string directory, bool index_fallback)
    : loop_(loop), directory_(std::move(directory)), index_fallback_(index_fallback) {}

Task<StaticAnswer> StaticFiles::Serve(HttpRequest& request, std::string file_path, std::string url_path) const {
  auto look_up = OffLoop(loop_, [this, &file_path, &url_path] {
    return LookUpWithFallback(directory_, index_fallback_, file_path, url_path);
  });
  Found found = co_await look_up;
  StaticAnswer answer;
  if (found.kind == Found::Kind::kFile) {
    answer.response = ServeFile(request, std::move(found.file), found.size, found.info);
  } else if (found.kind == Found::Kind::kRedirect) {
    answer.response.status = 301;
    answer.response.headers.emplace_back("Location", std::move(found.target));
  } else {
    answer.response = ErrorResponse({404, "File not found.", Json::Object(), {}});
    answer.is_error = true;
  }
  co_return std::move(answer);
}

}  // namespace wombat
