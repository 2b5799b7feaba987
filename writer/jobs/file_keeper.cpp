#include "writer/jobs/file_keeper.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "common/storage/object_key.h"
#include "writer/jobs/file_references.h"

namespace wombat {
namespace {

// The kernel closes the files of a process that dies one by one: its socket can be gone before its lock is.
constexpr std::chrono::milliseconds kGoneProcessGrace{300};

void SweepKey(const std::string& key, FileReferences& references, LocalStorage& storage) {
  const FileKeyParts parts = ParseFileKey(key);
  const auto detach = [&storage](const std::string& prefix) {
    if (auto rest = storage.Detach(prefix)) rest();
  };
  if (!parts.name.empty()) {
    if (!references.HasFile(parts.collection, parts.record, parts.name)) (void)storage.Discard(key);
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
    : data_dir_(std::move(data_dir)), storages_(data_dir_), storage_(storages_.local()), journal_(data_dir_), bucket_(data_dir_, journal_) {}

FileKeeper::~FileKeeper() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void FileKeeper::Follow(const Settings& settings) {
  auto chosen = storages_.Choose(settings.document().Find("s3"), 0);
  if (chosen) storage_ = std::move(*chosen);
  else std::fprintf(stderr, "wombat writer: the bucket for files cannot be used: %s\n", chosen.error().message.c_str());
}

bool FileKeeper::StillThere(std::string_view key) { return !storage_->is_local() || storage_->Exists(key).value_or(false); }

Result<void> FileKeeper::Move(std::string_view from, std::string_view to) { return storage_->Move(from, to); }

void FileKeeper::Discard(std::string key) {
  if (storage_->is_local()) return (void)storage_->Discard(key);
  auto note = journal_.Begin({key});
  bucket_.Remove(storage_, {std::move(key)}, note ? std::optional(*note) : std::nullopt);
}

void FileKeeper::Note(std::vector<std::string> removed, const std::vector<std::string>& placed) {
  noted_ = std::move(removed);
  note_.reset();
  removed_here_.clear();
  if (noted_.empty()) return;
  if (!placed.empty() && storage_->is_local()) ListBut(placed);
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
  for (const auto& key : std::exchange(removed_here_, {})) (void)storage_->Discard(key);
  if (noted_.empty() && note_) journal_.End(*std::exchange(note_, {}));
  if (noted_.empty()) return;
  if (!storage_->is_local()) return bucket_.Remove(storage_, std::exchange(noted_, {}), std::exchange(note_, {}));
  std::vector<std::function<void()>> work;
  for (std::string& key : noted_) {
    // Folders go at once: the id of a record or collection can be taken again by the next mutation. File names are never.
    if (!key.ends_with('/')) work.push_back([this, key = std::move(key)] { (void)storages_.local()->Discard(key); });
    else if (auto rest = storages_.local()->Detach(key)) work.push_back(std::move(rest));
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
  FileReferences references(db, schema);
  for (auto& abandoned : FindAbandonedNotes(data_dir_)) {
    // Nobody knows what the settings were when they were noted.
    for (const auto& key : abandoned.keys) SweepKey(key, references, *storages_.local());
    if (!storage_->is_local() && !abandoned.keys.empty()) {
      auto note = journal_.Begin(abandoned.keys);
      if (!note) continue;
      bucket_.Remove(storage_, abandoned.keys, *note);
    }
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
