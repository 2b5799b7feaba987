#include "common/storage/local_storage.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "common/base/json_text.h"
#include "common/base/random.h"
#include "common/storage/attributes.h"
#include "common/storage/object_key.h"
#include "common/storage/spool.h"

namespace wombat {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTemporarySuffix = ".tmp";
constexpr std::size_t kMaxAttributes = 64 << 10;

std::unexpected<Error> SystemError(std::string_view what) {
  const int code = errno;
  auto kind = Error::Kind::kGeneric;
  if (code == ENOENT || code == ENOTDIR) kind = Error::Kind::kNotFound;
  if (code == ENOSPC || code == EDQUOT || code == EROFS) kind = Error::Kind::kDiskFull;
  return Fail(std::string(what) + ": " + std::strerror(code), kind);
}

std::string FolderOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

// Others remove emptied folders meanwhile, so one that was just made may be gone again, and again while they are many.
constexpr int kFolderAttempts = 1000;

Result<UniqueFd> CreateInFolder(const std::string& path) {
  for (int attempt = 0; attempt < kFolderAttempts; ++attempt) {
    UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file) return file;
    if (errno != ENOENT) break;
    std::error_code error;
    fs::create_directories(FolderOf(path), error);
    if (error && error != std::errc::no_such_file_or_directory) {
      errno = error.value();
      break;
    }
  }
  return SystemError("cannot create " + path);
}

Result<void> WriteAll(int file, std::string_view content) {
  // The kernel takes 2 GiB less a page at most in one call.
  constexpr std::size_t kPiece = 64u << 20;
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), std::min(content.size(), kPiece));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError("cannot write a file");
    content.remove_prefix(std::size_t(written));
  }
  return {};
}

// The kernel begins to write the file out. What is on its way already joins the commit of the first sync that follows, so
// that the others have little to wait for.
void BeginWriting(const UniqueFd& file) { ::sync_file_range(file.get(), 0, 0, SYNC_FILE_RANGE_WRITE); }

Result<void> Sync(const UniqueFd& file) {
  if (::fdatasync(file.get()) != 0) return SystemError("cannot sync a file");
  return {};
}

Result<void> CopyAll(int from, std::uint64_t size, int to) {
  off_t at = 0;
  while (std::uint64_t(at) < size) {
    const ssize_t copied = ::sendfile(to, from, &at, std::min<std::uint64_t>(size - std::uint64_t(at), 64u << 20));
    if (copied < 0 && errno == EINTR) continue;
    if (copied < 0) return SystemError("cannot copy a file");
    if (copied == 0) return Fail("a file is shorter than expected");
  }
  return {};
}

// Moved there when the disk is the same one, else copied.
Result<std::shared_ptr<UniqueFd>> PlaceSpooled(const SpooledContent& content, const std::string& path) {
  std::error_code ignored;
  fs::create_directories(FolderOf(path), ignored);
  if (LinkSpoolFile(content.file->get(), path)) return content.file;
  auto file = CreateInFolder(path);
  if (!file) return std::unexpected(file.error());
  if (auto copied = CopyAll(content.file->get(), content.size, file->get()); !copied) return std::unexpected(copied.error());
  return std::make_shared<UniqueFd>(std::move(*file));
}

// One that is gone again held nothing that could be lost.
Result<void> SyncFolder(const std::string& folder) {
  const UniqueFd opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened && errno == ENOENT) return {};
  if (!opened || ::fsync(opened.get()) != 0) return SystemError("cannot sync " + folder);
  return {};
}

// Another one for a folder that is made anew, even where it gets the same inode.
std::uint64_t IdentityOf(const std::string& folder) {
  struct statx status {};
  if (::statx(AT_FDCWD, folder.c_str(), 0, STATX_INO | STATX_BTIME, &status) != 0) return 0;
  return status.stx_ino * 1'000'000'007u + std::uint64_t(status.stx_btime.tv_sec) * 1'000'000'000u + status.stx_btime.tv_nsec;
}

std::string TemporaryName(const std::string& path) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  char text[32];
  std::snprintf(text, sizeof text, ".%llx",
                static_cast<unsigned long long>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()));
  return path + text + std::string(kTemporarySuffix);
}

Result<std::string> ReadSmallFile(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return SystemError("cannot open " + path);
  std::string text(kMaxAttributes, '\0');
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  if (size < 0) return SystemError("cannot read " + path);
  text.resize(std::size_t(size));
  return text;
}

}  // namespace

LocalStorage::LocalStorage(std::string root, std::string trash) : root_(std::move(root)), trash_(std::move(trash)) {}

Result<std::string> LocalStorage::PathOf(std::string_view key) const {
  if (key.empty() || key.ends_with(kAttributesSuffix))
    return Fail("file extension \".attrs\" is reserved", Error::Kind::kInvalidInput);
  return root_ + "/" + KeyToPath(key);
}

Result<void> LocalStorage::Write(std::string_view key, std::string_view content, const ObjectOptions& options) {
  return Put(key, options, [content](const std::string& path) -> Result<Made> {
    auto file = CreateInFolder(path);
    if (!file) return std::unexpected(file.error());
    if (auto written = WriteAll(file->get(), content); !written) return std::unexpected(written.error());
    BeginWriting(*file);
    return Made{std::make_shared<UniqueFd>(std::move(*file)), ContentMd5(content)};
  });
}

Result<void> LocalStorage::WriteSpooled(std::string_view key, const SpooledContent& content, const ObjectOptions& options) {
  return Put(key, options, [&content](const std::string& path) -> Result<Made> {
    auto placed = PlaceSpooled(content, path);
    if (!placed) return std::unexpected(placed.error());
    BeginWriting(**placed);
    auto md5 = content.md5.empty() ? FileMd5(content.file->get(), content.size) : Result<std::string>(content.md5);
    if (!md5) return std::unexpected(md5.error());
    return Made{std::move(*placed), std::move(*md5)};
  });
}

Result<void> LocalStorage::Put(std::string_view key, const ObjectOptions& options, const MakeFile& make) {
  if (!IsUtf8(options.original_name)) return Fail("the name of the file is no UTF-8", Error::Kind::kInvalidInput);
  auto path = PathOf(key);
  if (!path) return std::unexpected(path.error());
  const std::string temporary = TemporaryName(*path);
  auto put = PutFiles(temporary, *path, options, make);
  if (!put) {
    ::unlink(temporary.c_str());
    ::unlink((*path + std::string(kAttributesSuffix)).c_str());
    return put;
  }
  auto synced = SyncFolders(*path);
  if (!synced) {
    ::unlink(path->c_str());
    ::unlink((*path + std::string(kAttributesSuffix)).c_str());
  }
  return synced;
}

Result<void> LocalStorage::SyncFolders(const std::string& path) {
  const std::string folder = FolderOf(path);
  if (auto synced = SyncFolder(folder); !synced || folder.size() <= root_.size()) return synced;
  std::string at = FolderOf(folder);
  const std::uint64_t identity = IdentityOf(at);
  {
    std::lock_guard guard(mutex_);
    const auto known = synced_.find(at);
    if (known != synced_.end() && known->second == identity) return SyncFolder(at);
  }
  const std::string collection = at;
  for (; at.size() >= root_.size() && !at.empty(); at = FolderOf(at))
    if (auto synced = SyncFolder(at); !synced) return synced;
  if (auto synced = SyncFolder(FolderOf(root_)); !synced) return synced;
  std::lock_guard guard(mutex_);
  synced_[collection] = identity;
  return {};
}

// The files under their names and synced; the entries of their folders are not.
Result<void> LocalStorage::PutFiles(const std::string& temporary, const std::string& path, const ObjectOptions& options,
                                    const MakeFile& make) {
  auto made = make(temporary);
  if (!made) return std::unexpected(made.error());
  const std::string sidecar_path = path + std::string(kAttributesSuffix);
  const UniqueFd sidecar(::open(sidecar_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!sidecar) return SystemError("cannot create " + sidecar_path);
  const std::string attributes = AttributesText(options.content_type, options.original_name, made->md5);
  if (auto written = WriteAll(sidecar.get(), attributes); !written) return written;
  BeginWriting(sidecar);
  const auto sync = [&]() -> Result<void> {
    auto synced = Sync(*made->file);
    return synced ? Sync(sidecar) : synced;
  };
  if (!options.unknown_before)
    if (auto synced = sync(); !synced) return synced;
  if (::rename(temporary.c_str(), path.c_str()) != 0) return SystemError("cannot rename to " + path);
  if (!options.unknown_before) return {};
  auto synced = sync();
  if (!synced) ::unlink(path.c_str());
  return synced;
}

Result<StoredObject> LocalStorage::Open(std::string_view key) {
  auto path = PathOf(key);
  if (!path) return std::unexpected(path.error());
  StoredObject object;
  // Non-blocking, so that a FIFO in the folder cannot hold a thread.
  UniqueFd file(::open(path->c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) return SystemError("cannot open " + *path);
  if (!S_ISREG(status.st_mode)) return Fail(*path + " is no file", Error::Kind::kNotFound);
  object.file = std::make_shared<UniqueFd>(std::move(file));
  object.size = std::uint64_t(status.st_size);
  object.modified = status.st_mtim;
  auto attributes = ReadSmallFile(*path + std::string(kAttributesSuffix));
  if (!attributes) {
    if (attributes.error().kind != Error::Kind::kNotFound) return std::unexpected(attributes.error());
    object.content_type = "application/octet-stream";
    return object;
  }
  auto type = ContentTypeOf(*attributes);
  if (!type) return std::unexpected(type.error());
  object.content_type = std::move(*type);
  return object;
}

Result<bool> LocalStorage::Exists(std::string_view key) {
  auto path = PathOf(key);
  if (!path) return std::unexpected(path.error());
  struct stat status {};
  if (::stat(path->c_str(), &status) == 0) return S_ISREG(status.st_mode);
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return SystemError("cannot look at " + *path);
}

Result<void> LocalStorage::Move(std::string_view from, std::string_view to) {
  auto source = PathOf(from), target = PathOf(to);
  if (!source) return std::unexpected(source.error());
  if (!target) return std::unexpected(target.error());
  std::error_code ignored;
  fs::create_directories(FolderOf(*target), ignored);
  const std::string suffix(kAttributesSuffix);
  if (::rename((*source + suffix).c_str(), (*target + suffix).c_str()) != 0 && errno != ENOENT)
    return SystemError("cannot move " + *source);
  if (::rename(source->c_str(), target->c_str()) != 0) return SystemError("cannot move " + *source);
  SyncFolder(FolderOf(*target));
  ::rmdir(FolderOf(*source).c_str());
  return {};
}

Result<void> LocalStorage::Delete(std::string_view key) {
  auto path = PathOf(key);
  if (!path) return std::unexpected(path.error());
  if (::unlink(path->c_str()) != 0) return SystemError("cannot delete " + *path);
  ::unlink((*path + std::string(kAttributesSuffix)).c_str());
  return {};
}

Result<void> LocalStorage::Discard(std::string_view key) {
  auto path = PathOf(key);
  if (!path) return {};
  ::unlink(path->c_str());
  ::unlink((*path + std::string(kAttributesSuffix)).c_str());
  std::error_code ignored;
  fs::remove_all(root_ + "/" + KeyToPath(ThumbsPrefix(key).substr(0, ThumbsPrefix(key).size() - 1)), ignored);
  const std::string folder = FolderOf(*path), start = path->substr(folder.size() + 1) + ".";
  for (fs::directory_iterator at(folder, ignored), end; !ignored && at != end; at.increment(ignored)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with(start) && name.ends_with(kTemporarySuffix)) ::unlink(at->path().c_str());
  }
  ::rmdir(folder.c_str());
  return {};
}

Result<std::vector<std::string>> LocalStorage::List(std::string_view prefix) {
  std::vector<std::string> keys;
  // Only the folder that every key of the prefix is below has to be looked at.
  const auto folder = prefix.substr(0, prefix.rfind('/') == std::string_view::npos ? 0 : prefix.rfind('/'));
  const std::string start = folder.empty() ? root_ : root_ + "/" + KeyToPath(folder);
  std::error_code error;
  for (fs::recursive_directory_iterator at(start, error), end; !error && at != end; at.increment(error)) {
    std::error_code unreadable;
    if (!at->is_regular_file(unreadable)) continue;
    std::string key = PathToKey(at->path().string().substr(root_.size() + 1));
    if (key.starts_with(prefix) && !key.ends_with(kAttributesSuffix)) keys.push_back(std::move(key));
  }
  if (error && error != std::errc::no_such_file_or_directory) return Fail("cannot list " + start + ": " + error.message());
  std::ranges::sort(keys);
  return keys;
}

Result<std::vector<std::string>> LocalStorage::ListFolders(std::string_view prefix) {
  std::vector<std::string> names;
  const std::string start = root_ + "/" + KeyToPath(prefix.substr(0, prefix.size() - (prefix.ends_with('/') ? 1 : 0)));
  std::error_code error;
  for (fs::directory_iterator at(start, error), end; !error && at != end; at.increment(error))
    if (at->is_directory()) names.push_back(PathToKey(at->path().filename().string()));
  if (error && error != std::errc::no_such_file_or_directory) return Fail("cannot list " + start + ": " + error.message());
  return names;
}

Result<void> LocalStorage::DeletePrefix(std::string_view prefix, const Spare& spare) {
  auto keys = List(prefix);
  if (!keys) return std::unexpected(keys.error());
  if (spare) spare(*keys);
  for (const auto& key : *keys)
    if (auto deleted = Delete(key); !deleted && deleted.error().kind != Error::Kind::kNotFound) return deleted;
  if (!prefix.ends_with('/')) return {};
  std::error_code ignored;
  std::vector<std::string> folders{root_ + "/" + KeyToPath(prefix.substr(0, prefix.size() - 1))};
  for (fs::recursive_directory_iterator at(folders[0], ignored), end; !ignored && at != end; at.increment(ignored))
    if (at->is_directory()) folders.push_back(at->path().string());
  std::ranges::sort(folders, std::greater());       // the deepest first
  for (const auto& folder : folders) ::rmdir(folder.c_str());
  return {};
}

std::function<void()> LocalStorage::Detach(std::string_view prefix) {
  const std::string folder = root_ + "/" + KeyToPath(prefix.substr(0, prefix.size() - (prefix.ends_with('/') ? 1 : 0)));
  std::string aside = trash_ + "/" + RandomText(20, kLowerAlphanumeric);
  if (::rename(folder.c_str(), aside.c_str()) != 0) {
    if (errno == ENOENT) {
      struct stat status {};
      if (::stat(folder.c_str(), &status) != 0) return {};
      std::error_code ignored;
      fs::create_directories(trash_, ignored);
    }
    // Without a folder to put it aside it is deleted here and now: whatever comes there next is somebody else's.
    if (::rename(folder.c_str(), aside.c_str()) != 0) {
      std::error_code ignored;
      fs::remove_all(folder, ignored);
      return {};
    }
  }
  const std::string parent = FolderOf(folder);
  if (parent != root_) ::rmdir(parent.c_str());
  return [aside = std::move(aside)] {
    std::error_code ignored;
    fs::remove_all(aside, ignored);
  };
}

std::unique_ptr<LocalStorage> OpenLocalStorage(const std::string& data_dir) {
  const std::string root = data_dir + "/storage";
  struct stat inside {}, outside {};
  const bool elsewhere = ::stat(root.c_str(), &inside) == 0 && ::stat(data_dir.c_str(), &outside) == 0 &&
                         inside.st_dev != outside.st_dev;
  // The name that bootstrap clears, and that backups leave out.
  constexpr const char* kTrash = "/.pb_temp_to_delete";
  return std::make_unique<LocalStorage>(root, (elsewhere ? root : data_dir) + kTrash);
}

}  // namespace wombat
