#include "writer/jobs/log_table.h"

#include <array>

#include "common/base/random.h"
#include "common/base/time.h"

namespace wombat {
namespace {

constexpr std::size_t kRowsPerStatement = 32;
constexpr std::size_t kIdLength = 15;
constexpr int kRowsPerPurgeStep = 2000;
// Some 16 MiB of frames; each fill is one pair of syncs.
constexpr int kCheckpointFrames = 4000;
// A reader that stays that long in its snapshot is waited for, so that the WAL can start over.
constexpr int kWalFramesLimit = 8 * kCheckpointFrames;

// Ids grow with time: then the id index of a table of millions of rows is written at its end only. Random ones would
// touch a page of it for every row.
class IdSequence {
 public:
  IdSequence() : milliseconds_(std::uint64_t(Now().time_since_epoch().count())), random_(RandomU64()) {
    // Room above for more steps than a transaction can have rows.
    suffix_ = RandomU64() % (kSuffixes / 2);
  }

  void Next(char* id) {
    random_ ^= random_ << 13;  // xorshift: the ids must differ, not be secret
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    suffix_ += 1 + (random_ & 0xFFFFF);
    WriteDigits(id, 8, milliseconds_);
    WriteDigits(id + 8, 7, suffix_);
  }

 private:
  static constexpr std::uint64_t kSuffixes = 78'364'164'096;  // 36^7

  static void WriteDigits(char* out, int count, std::uint64_t value) {
    constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    for (int i = count - 1; i >= 0; --i, value /= 36) out[i] = kDigits[value % 36];
  }

  std::uint64_t milliseconds_;
  std::uint64_t random_;
  std::uint64_t suffix_;
};

std::string InsertSql(std::size_t rows) {
  std::string sql = "INSERT INTO `_logs` (`id`, `level`, `message`, `data`, `created`) VALUES (?, ?, ?, ?, ?)";
  for (std::size_t i = 1; i < rows; ++i) sql += ", (?, ?, ?, ?, ?)";
  return sql;
}

int CountFrames(void* frames, sqlite3*, const char*, int pages) {
  *static_cast<int*>(frames) = pages;
  return SQLITE_OK;
}

// Walks the entries of all chunks in order.
class EntryCursor {
 public:
  explicit EntryCursor(const std::vector<LogChunk>& chunks) : chunks_(chunks) {}
  LogEntryView Next() {
    while (row_ == chunks_[chunk_].size()) {
      ++chunk_;
      row_ = 0;
    }
    return chunks_[chunk_].at(row_++);
  }

 private:
  const std::vector<LogChunk>& chunks_;
  std::size_t chunk_ = 0;
  std::size_t row_ = 0;
};

}  // namespace

LogTable::LogTable(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {
  // Replaces SQLite's automatic checkpoints, which use the same hook.
  sqlite3_wal_hook(connection_->handle(), &CountFrames, &wal_frames_);
}

LogTable::~LogTable() = default;

Result<void> LogTable::Insert(const std::vector<LogChunk>& chunks) {
  auto transaction = Transaction::Begin(*connection_, Transaction::Kind::kImmediate);
  if (!transaction) return std::unexpected(transaction.error());
  if (auto inserted = InsertAll(chunks); !inserted) return inserted;
  return transaction->Commit();
}

Result<void> LogTable::InsertAll(const std::vector<LogChunk>& chunks) {
  static const std::string kInsertMany = InsertSql(kRowsPerStatement);
  static const std::string kInsertOne = InsertSql(1);
  std::size_t remaining = 0;
  for (const LogChunk& chunk : chunks) remaining += chunk.size();

  IdSequence ids;
  EntryCursor entries(chunks);
  while (remaining > 0) {
    const std::size_t rows = remaining >= kRowsPerStatement ? kRowsPerStatement : 1;
    auto statement = connection_->Prepare(rows == 1 ? kInsertOne : kInsertMany);
    if (!statement) return std::unexpected(statement.error());
    for (; remaining >= rows && remaining > 0; remaining -= rows) {
      std::array<char, kRowsPerStatement * kIdLength> id_bytes;
      int parameter = 1;
      for (std::size_t row = 0; row < rows; ++row) {
        char* id = id_bytes.data() + row * kIdLength;
        ids.Next(id);
        const LogEntryView entry = entries.Next();
        statement->BindView(parameter++, {id, kIdLength});
        statement->Bind(parameter++, std::int64_t(entry.level));
        statement->BindView(parameter++, entry.message);
        statement->BindView(parameter++, entry.data_json);
        statement->BindView(parameter++, entry.created);
      }
      if (auto done = statement->Step(); !done) return std::unexpected(done.error());
      statement->Reset();
    }
  }
  return {};
}

void LogTable::StartPurge(std::string created_until, const int* min_level, bool vacuum_after) {
  const std::string limit = " LIMIT " + std::to_string(kRowsPerPurgeStep) + ")";
  const std::string by = "DELETE FROM `_logs` WHERE rowid IN (SELECT rowid FROM `_logs` WHERE ";
  const std::string hour = "strftime('%Y-%m-%d %H:00:00', `created`)";
  const std::string until_hour = created_until.substr(0, 13) + ":00:00";
  purge_steps_.clear();
  vacuum_after_ = vacuum_after;
  if (min_level) purge_steps_.push_back({by + "`level` < ?" + limit, {std::int64_t(*min_level)}});
  // `created` has no index, the hour it lies in has one; texts that are no time have no hour.
  purge_steps_.push_back({by + hour + " IS NULL AND `created` <= ?" + limit, {created_until}});
  purge_steps_.push_back({by + hour + " <= ? AND `created` <= ?" + limit, {until_hour, created_until}});
}

Result<void> LogTable::PurgeSome() {
  const PurgeStep& step = purge_steps_.back();
  if (auto deleted = connection_->Run(step.sql, step.values); !deleted) {
    purge_steps_.clear();  // the next purge tries again
    return deleted;
  }
  if (connection_->changes() == kRowsPerPurgeStep) return {};
  purge_steps_.pop_back();
  if (!purge_steps_.empty() || !vacuum_after_) return {};
  connection_->ClearCache();
  return connection_->Run("VACUUM");
}

void LogTable::CheckpointIfDue() {
  if (wal_frames_ < kCheckpointFrames) return;
  const int mode = wal_frames_ < kWalFramesLimit ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART;
  int left = 0;
  if (sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, mode, &left, nullptr) == SQLITE_OK &&
      mode == SQLITE_CHECKPOINT_RESTART) {
    wal_frames_ = 0;
  }
}

void LogTable::Checkpoint() {
  if (sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr) == SQLITE_OK)
    wal_frames_ = 0;
}

void LogTable::ReleaseMemory() { connection_->ReleaseMemory(); }

}  // namespace wombat
