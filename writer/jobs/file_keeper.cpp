#include "writer/jobs/file_keeper.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "common/base/text.h"
#include "common/records/record.h"
#include "common/storage/local_storage.h"
#include "common/storage/object_key.h"

namespace wombat {
namespace {

// The kernel closes the files of a process that dies one by one: its socket can be gone before its lock is.
constexpr std::chrono::milliseconds kGoneProcessGrace{300};

// Who refers to what is noted.
class References {
 public:
  References(Connection& db, const Schema& schema) : db_(db), schema_(schema) {}

  bool HasCollection(std::string_view id) const { return schema_.FindById(id) != nullptr; }

  // A failing query counts as a reference: what is kept can be deleted later.
  bool HasRecord(std::string_view collection_id, std::string_view record_id) { return !Row(collection_id, record_id, [](const Record&) { return false; }); }
  bool HasFile(std::string_view collection_id, std::string_view record_id, std::string_view name) {
    return !Row(collection_id, record_id, [&](const Record& record) { return !Holds(record, name); });
  }

 private:
  static bool Holds(const Record& record, std::string_view name) {
    for (const auto& field : record.collection().fields) {
      if (field->type() != "file") continue;
      const auto names = record.List(field->name);
      if (std::ranges::find(names, name) != names.end()) return true;
    }
    return false;
  }

  // True when there is no such row, or it is one that `is_free` lets go.
  template <class IsFree>
  bool Row(std::string_view collection_id, std::string_view record_id, IsFree is_free) {
    const CollectionPtr collection = schema_.FindShared(collection_id);
    if (!collection || collection->id != collection_id || collection->is_view()) return true;
    auto statement = db_.Prepare("SELECT " + collection->select_columns + " FROM " + QuoteName(collection->name) +
                                 " WHERE " + QuoteName(collection->name) + ".`id` = ?");
    if (!statement) return false;
    statement->BindView(1, record_id);
    const auto row = statement->Step();
    if (!row) return false;
    return !*row || is_free(Record::FromRow(collection, *statement));
  }

  Connection& db_;
  const Schema& schema_;
};

struct KeyParts {
  std::string_view collection, record, name;
};

KeyParts Parse(std::string_view key) {
  KeyParts parts;
  const auto first = key.find('/');
  parts.collection = key.substr(0, first);
  if (first == std::string_view::npos) return parts;
  const auto second = key.find('/', first + 1);
  parts.record = key.substr(first + 1, second == std::string_view::npos ? second : second - first - 1);
  if (second != std::string_view::npos) parts.name = key.substr(second + 1);
  return parts;
}

void SweepKey(const std::string& key, References& references, Storage& storage) {
  const KeyParts parts = Parse(key);
  const auto detach = [&storage](const std::string& prefix) {
    if (auto rest = storage.Detach(prefix)) rest();
  };
  if (!parts.name.empty()) {
    if (!references.HasFile(parts.collection, parts.record, parts.name)) storage.Discard(key);
  } else if (!parts.record.empty()) {
    if (!references.HasRecord(parts.collection, parts.record)) detach(key);
  } else if (!references.HasCollection(parts.collection)) {
    detach(key);
  } else if (auto records = storage.ListFolders(key)) {
    for (const auto& record : *records)
      if (!references.HasRecord(parts.collection, record)) detach(RecordPrefix(parts.collection, record));
  }
}

}  // namespace

FileKeeper::FileKeeper(std::string data_dir)
    : data_dir_(std::move(data_dir)), storage_(OpenLocalStorage(data_dir_)), journal_(data_dir_) {}

FileKeeper::~FileKeeper() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void FileKeeper::Note(std::vector<std::string> removed, const std::vector<std::string>& placed) {
  noted_ = std::move(removed);
  note_.reset();
  removed_here_.clear();
  if (noted_.empty()) return;
  if (!placed.empty()) ListBut(placed);
  std::vector<std::string> keys = noted_;
  keys.insert(keys.end(), removed_here_.begin(), removed_here_.end());
  if (auto note = journal_.Begin(keys)) note_ = *note;
  // Without the note a death at the wrong moment leaves files behind, which harms nobody.
  else std::fprintf(stderr, "wombat writer: %s\n", note.error().message.c_str());
}

// A record that was deleted and made again under its old id in one transaction: its folder stays, the old files go.
void FileKeeper::ListBut(const std::vector<std::string>& placed) {
  std::erase_if(noted_, [&](const std::string& prefix) {
    const auto below = [&](const std::string& key) { return key.starts_with(prefix); };
    if (!prefix.ends_with('/') || std::ranges::none_of(placed, below)) return false;
    if (auto keys = storage_->List(prefix))
      for (auto& key : *keys)
        if (std::ranges::find(placed, key) == placed.end()) removed_here_.push_back(std::move(key));
    return true;
  });
}

void FileKeeper::Remove() {
  for (const auto& key : std::exchange(removed_here_, {})) storage_->Discard(key);
  if (noted_.empty() && note_) journal_.End(*std::exchange(note_, {}));
  if (noted_.empty()) return;
  std::vector<std::function<void()>> work;
  for (std::string& key : noted_) {
    // Folders go at once: the id of a record or collection can be taken again by the next mutation. File names are never.
    if (!key.ends_with('/')) work.push_back([this, key = std::move(key)] { storage_->Discard(key); });
    else if (auto rest = storage_->Detach(key)) work.push_back(std::move(rest));
  }
  noted_.clear();
  Queue([this, work = std::move(work), note = std::exchange(note_, {})] {
    for (const auto& step : work) step();
    if (note) journal_.End(*note);
  });
}

void FileKeeper::Forget() {
  noted_.clear();
  removed_here_.clear();
  if (note_) journal_.End(*note_);
  note_.reset();
}

void FileKeeper::Sweep(Connection& db, const Schema& schema) {
  References references(db, schema);
  for (auto& abandoned : FindAbandonedNotes(data_dir_)) {
    for (const auto& key : abandoned.keys) SweepKey(key, references, *storage_);
    abandoned.Forget();
  }
}

void FileKeeper::SweepSoon(std::function<void()> submit) {
  if (sweep_queued_.exchange(true)) return;
  Queue([this, submit = std::move(submit)] {
    std::this_thread::sleep_for(kGoneProcessGrace);
    sweep_queued_ = false;
    if (!FindAbandonedNotes(data_dir_).empty()) submit();
  });
}

void FileKeeper::Queue(std::function<void()> job) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    jobs_.push_back(std::move(job));
    if (!thread_.joinable()) thread_ = std::thread([this] { ThreadMain(); });
  }
  ready_.notify_one();
}

void FileKeeper::ThreadMain() {
  for (;;) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

}  // namespace wombat
