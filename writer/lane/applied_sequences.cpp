#include "writer/lane/applied_sequences.h"

#include <cstring>

namespace wombat {
namespace {

// STRICT is not used: a reference that opens the directory after a crash must be able to read the schema.
constexpr const char* kCreate = "CREATE TABLE IF NOT EXISTS `_wombat_lane` (incarnation INTEGER PRIMARY KEY, applied BLOB NOT NULL)";

std::string Pack(const std::set<std::uint64_t>& sequences) {
  std::string bytes;
  bytes.reserve(sequences.size() * sizeof(std::uint64_t));
  for (std::uint64_t sequence : sequences) bytes.append(reinterpret_cast<const char*>(&sequence), sizeof sequence);
  return bytes;
}

}  // namespace

Result<void> AppliedSequences::Load(Connection& connection) {
  auto exists = connection.QueryValue("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_wombat_lane'");
  if (!exists) return std::unexpected(exists.error());
  has_table_ = !std::holds_alternative<std::monostate>(*exists);
  if (!has_table_) return {};
  auto statement = connection.Prepare("SELECT incarnation, applied FROM `_wombat_lane`");
  if (!statement) return std::unexpected(statement.error());
  for (;;) {
    auto row = statement->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    auto& sequences = applied_[std::uint64_t(statement->cell(0).integer())];
    SqlValue value = statement->cell(1).value();
    const auto* blob = std::get_if<Blob>(&value);
    for (std::size_t at = 0; blob && at + sizeof(std::uint64_t) <= blob->bytes.size(); at += sizeof(std::uint64_t)) {
      std::uint64_t sequence;
      std::memcpy(&sequence, blob->bytes.data() + at, sizeof sequence);
      sequences.insert(sequence);
    }
  }
}

Result<void> AppliedSequences::Clear(Connection& connection) {
  applied_.clear();
  added_.clear();
  dirty_.clear();
  has_table_ = false;
  auto exists = connection.QueryValue("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_wombat_lane'");
  if (!exists) return std::unexpected(exists.error());
  if (std::holds_alternative<std::monostate>(*exists)) return {};
  return connection.Run("DROP TABLE `_wombat_lane`");
}

bool AppliedSequences::Contains(std::uint64_t incarnation, std::uint64_t sequence) const {
  auto at = applied_.find(incarnation);
  return at != applied_.end() && at->second.contains(sequence);
}

void AppliedSequences::Add(std::uint64_t incarnation, std::uint64_t sequence, std::uint64_t oldest_unanswered) {
  auto& sequences = applied_[incarnation];
  sequences.erase(sequences.begin(), sequences.lower_bound(oldest_unanswered));
  sequences.insert(sequence);
  added_.emplace_back(incarnation, sequence);
  dirty_.insert(incarnation);
}

Result<void> AppliedSequences::Save(Connection& connection) {
  if (dirty_.empty()) return {};
  if (!has_table_) {
    if (auto created = connection.Run(kCreate); !created) return created;
    has_table_ = true;
  }
  for (std::uint64_t incarnation : dirty_) {
    auto statement = connection.Prepare("INSERT INTO `_wombat_lane` VALUES (?1, ?2) ON CONFLICT (incarnation) DO UPDATE SET applied = ?2");
    if (!statement) return std::unexpected(statement.error());
    statement->Bind(1, std::int64_t(incarnation));
    statement->Bind(2, SqlValue(Blob{Pack(applied_[incarnation])}));
    if (auto done = statement->Step(); !done) return std::unexpected(done.error());
  }
  dirty_.clear();
  return {};
}

void AppliedSequences::Revert() {
  for (const auto& [incarnation, sequence] : added_) {
    applied_[incarnation].erase(sequence);
    dirty_.insert(incarnation);      // a later Save must not leave what this one may have written
  }
  added_.clear();
  has_table_ = false;                // its creation may have been rolled back as well; CREATE is IF NOT EXISTS
}

}  // namespace wombat
