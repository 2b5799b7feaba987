#include "worker/api/totals.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <utility>

namespace wombat {
namespace {

constexpr std::size_t kMaxEntries = 1024;
// What long rules and many values make is not worth keeping.
constexpr std::size_t kMaxKeyBytes = 8192;

void AppendBytes(std::string& key, const void* data, std::size_t size) {
  key.append(static_cast<const char*>(data), size);
}

}  // namespace

void TotalsCache::Open() {
  // SQLite makes the file when the database is first read, which may be after the worker's start.
  if (!index_) index_ = UniqueFd(::open((database_path_ + "-shm").c_str(), O_RDONLY | O_CLOEXEC));
}

std::optional<TotalsCache::State> TotalsCache::Now() const {
  // The head is there twice, written one after the other: equal copies are whole.
  State copies[2];
  if (!index_ || ::pread(index_.get(), copies, sizeof copies, 0) != ssize_t(sizeof copies)) return std::nullopt;
  if (copies[0] != copies[1]) return std::nullopt;
  return copies[0];
}

std::string TotalsCache::KeyOf(std::string_view sql, const SqlValues& values) {
  std::string key(sql);
  for (const SqlValue& value : values) {
    key.push_back(char(value.index()));
    if (const auto* integer = std::get_if<std::int64_t>(&value)) AppendBytes(key, integer, sizeof *integer);
    if (const auto* real = std::get_if<double>(&value)) AppendBytes(key, real, sizeof *real);
    if (const auto* text = std::get_if<std::string>(&value)) {
      const std::size_t size = text->size();
      AppendBytes(key, &size, sizeof size);
      key += *text;
    }
    if (const auto* blob = std::get_if<Blob>(&value)) {
      const std::size_t size = blob->bytes.size();
      AppendBytes(key, &size, sizeof size);
      key += blob->bytes;
    }
  }
  return key;
}

std::optional<TotalsCache::Entry> TotalsCache::Find(const std::string& key) const {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  return found->second;
}

void TotalsCache::Keep(std::string key, Entry entry) {
  if (key.size() > kMaxKeyBytes) return;
  if (entries_.size() >= kMaxEntries) entries_.clear();
  entries_.insert_or_assign(std::move(key), entry);
}

}  // namespace wombat
