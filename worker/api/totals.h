// Totals of lists, kept while the database stands where it stood.                                       Spec 01 §2.3.
//
// Counting looks at every row that a filter lets through, where the page itself may end after thirty. A total depends on
// its statement, the values bound to it and the database, whose state the head of the WAL index names exactly.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/base/unique_fd.h"
#include "common/db/value.h"

namespace wombat {

class TotalsCache {
 public:
  // The head of the WAL index: frames, checksums and salts. Each commit makes another one; none comes back.
  using State = std::array<std::uint32_t, 12>;
  struct Entry {
    State state;
    std::int64_t total;
  };

  explicit TotalsCache(std::string database_path) : database_path_(std::move(database_path)) {}

  // Where the database stands now; nullopt when that cannot be told. Open() first. Any thread.
  std::optional<State> Now() const;

  // The rest: on the loop's thread only.
  void Open();
  static std::string KeyOf(std::string_view sql, const SqlValues& values);
  std::optional<Entry> Find(const std::string& key) const;
  void Keep(std::string key, Entry entry);

 private:
  std::string database_path_;
  UniqueFd index_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace wombat
