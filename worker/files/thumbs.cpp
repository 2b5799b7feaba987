#include "worker/files/thumbs.h"

#include <sys/file.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <thread>

#include "common/storage/object_key.h"
#include "common/storage/spool.h"
#include "worker/files/scale_image.h"
#include "worker/files/thumb_lock.h"
#include "worker/http/off_loop.h"

namespace wombat {
namespace {

constexpr std::string_view kAlwaysAllowed = "100x100";

bool CanBeScaled(std::string_view content_type) {
  for (const std::string_view known : {"image/png", "image/jpg", "image/jpeg", "image/gif", "image/webp"})
    if (content_type == known) return true;
  return false;
}

int PositiveFromEnvironment(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  if (!text) return otherwise;
  int number = 0;
  const char* end = text + std::char_traits<char>::length(text);
  const auto [stop, error] = std::from_chars(text, end, number);
  return error == std::errc() && stop == end && number > 0 ? number : otherwise;
}

Result<StoredObject> Read(Storage& storage, const std::string& key, bool whole) {
  return whole ? storage.Open(key) : storage.Look(key);
}

// A file's content in memory as long as it is looked at; the kernel brings it there piece by piece.
class MappedFile {
 public:
  MappedFile(int file, std::size_t size) : size_(size) {
    data_ = size ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
  }
  ~MappedFile() {
    if (data_ != MAP_FAILED) ::munmap(data_, size_);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  bool ok() const { return data_ != MAP_FAILED; }
  std::string_view view() const { return {static_cast<const char*>(data_), size_}; }

 private:
  std::size_t size_;
  void* data_;
};

// Whoever asks for a thumb that another one is making, in whichever worker, waits for it: the original is locked meanwhile.
// The lock goes with the descriptor.
void LockFile(const StoredObject& original) {
  while (::flock(original.file->get(), LOCK_EX) != 0 && errno == EINTR) {
  }
}

// On a pool thread.
Result<StoredObject> MakeThumb(Storage& storage, const std::string& data_dir, const WantedFile& wanted,
                               const std::string& thumb_key) {
  const auto size = ParseThumbSize(wanted.thumb_size);
  if (!size) return Fail("no size: " + wanted.thumb_size);
  std::optional<ThumbLock> lock;
  if (!storage.is_local()) lock.emplace(data_dir, thumb_key);
  auto original = storage.Look(wanted.key);
  if (!original) return original;
  if (original->file) LockFile(*original);
  if (auto made = Read(storage, thumb_key, wanted.whole)) return made;
  auto file = ContentAsFile(*original, SpoolFolder(data_dir));
  if (!file) return std::unexpected(file.error());
  const MappedFile content(file->file->get(), file->size);
  if (!content.ok()) return Fail("the original cannot be mapped");
  auto scaled = ScaleImage(content.view(), original->content_type, *size);
  if (!scaled) return std::unexpected(scaled.error());
  // The original may have been deleted meanwhile, and its thumbs with it.
  if (!storage.Exists(wanted.key).value_or(false)) return Fail("the original is gone", Error::Kind::kNotFound);
  if (auto written = storage.Write(thumb_key, scaled->content, {scaled->content_type, {}}); !written)
    return std::unexpected(written.error());
  return Read(storage, thumb_key, wanted.whole);
}

struct Found {
  Result<StoredObject> object;
  bool is_thumb = false;
};

Found Find(Storage& storage, const WantedFile& wanted, const std::string& thumb_key) {
  if (thumb_key.empty()) return {Read(storage, wanted.key, wanted.whole)};
  Found found{storage.Look(wanted.key)};
  if (!found.object || !CanBeScaled(found.object->content_type)) return found;
  if (auto thumb = Read(storage, thumb_key, wanted.whole)) return {std::move(thumb), true};
  return found;
}

Task<Found> FindOffLoop(Runtime& runtime, Storage& storage, const WantedFile& wanted, const std::string& thumb_key) {
  if (storage.is_local()) {
    auto look = OffLoop(runtime.loop, [&] { return Find(storage, wanted, thumb_key); });
    co_return co_await look;
  }
  std::function<Found(PoolThread&)> look = [&](PoolThread&) { return Find(storage, wanted, thumb_key); };
  auto found = co_await runtime.bucket_pool.Run<Found>(look);
  if (!found) co_return Found{Fail("too many requests wait for the bucket")};
  co_return std::move(*found);
}

}  // namespace

std::string_view AllowedThumbSize(const FileField& field, std::string_view asked) {
  if (asked.empty() || asked == kAlwaysAllowed) return asked;
  if (field.thumbs && std::ranges::find(*field.thumbs, asked) != field.thumbs->end()) return asked;
  return {};
}

int ThumbThreads() {
  return PositiveFromEnvironment("PB_THUMBS_MAX_WORKERS", std::max(1, int(std::thread::hardware_concurrency())));
}
std::chrono::seconds ThumbWait() { return std::chrono::seconds(PositiveFromEnvironment("PB_THUMBS_MAX_WAIT", 60)); }

Task<Result<ServedFile>> FindServedFile(Runtime& runtime, std::shared_ptr<Storage> storage, WantedFile wanted) {
  const std::string& size = wanted.thumb_size;
  const std::string thumb_key = size.empty() ? std::string() : ThumbKey(wanted.key, size);
  Found found = co_await FindOffLoop(runtime, *storage, wanted, thumb_key);
  if (!found.object) co_return std::unexpected(found.object.error());
  ServedFile served{std::move(*found.object), wanted.key, wanted.name, {}};
  if (size.empty() || (!found.is_thumb && !CanBeScaled(served.object.content_type))) co_return served;
  if (!found.is_thumb) {
    const auto give_up = std::chrono::steady_clock::now() + ThumbWait();
    std::function<Result<StoredObject>(PoolThread&)> make = [&](PoolThread&) -> Result<StoredObject> {
      if (std::chrono::steady_clock::now() > give_up) return Fail("too many thumbs are being made");
      return MakeThumb(*storage, runtime.config.data_dir, wanted, thumb_key);
    };
    auto made = co_await runtime.thumb_pool.Run<Result<StoredObject>>(make);
    if (!made || !*made) {
      served.thumb_error = made ? made->error().message : "too many thumbs wait to be made";
      co_return served;
    }
    served.object = std::move(**made);
  }
  served.key = thumb_key;
  served.name = size + "_" + wanted.name;
  co_return served;
}

}  // namespace wombat
