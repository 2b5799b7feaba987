#include "common/storage/spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace wombat {
namespace {

constexpr std::size_t kPiece = 128u << 10;

std::unexpected<Error> SystemError(const std::string& what) {
  const int code = errno;
  const bool full = code == ENOSPC || code == EDQUOT || code == EROFS;
  return Fail(what + ": " + std::strerror(code), full ? Error::Kind::kDiskFull : Error::Kind::kGeneric);
}

}  // namespace

std::string SpoolFolder(const std::string& data_dir) {
  const std::string storage = data_dir + "/storage";
  struct stat status {};
  return ::stat(storage.c_str(), &status) == 0 && S_ISDIR(status.st_mode) ? storage : data_dir;
}

Result<std::shared_ptr<UniqueFd>> NewSpoolFile(const std::string& folder) {
  UniqueFd file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0666));
  if (!file && (errno == EOPNOTSUPP || errno == EISDIR)) {
    std::string name = folder + "/.spool-XXXXXX";
    file.reset(::mkostemp(name.data(), O_CLOEXEC));
    if (file) ::unlink(name.c_str());
  }
  if (!file) return SystemError("cannot create a file in " + folder);
  return std::make_shared<UniqueFd>(std::move(file));
}

Result<void> LinkSpoolFile(int file, const std::string& path) {
  const std::string source = "/proc/self/fd/" + std::to_string(file);
  if (::linkat(AT_FDCWD, source.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0) return {};
  return SystemError("cannot link to " + path);
}

Result<SpooledContent> ContentAsFile(const StoredObject& object, const std::string& folder) {
  if (object.file) return SpooledContent{object.file, object.size, {}};
  auto file = NewSpoolFile(folder);
  if (!file) return std::unexpected(file.error());
  const auto piece = std::make_unique_for_overwrite<char[]>(kPiece);
  for (std::uint64_t at = 0; at < object.size;) {
    auto got = object.remote->Read(at, object.size, piece.get(), kPiece);
    if (!got) return std::unexpected(got.error());
    if (::pwrite((*file)->get(), piece.get(), *got, off_t(at)) != ssize_t(*got)) return SystemError("cannot write a file");
    at += *got;
  }
  return SpooledContent{std::move(*file), object.size, {}};
}

}  // namespace wombat
