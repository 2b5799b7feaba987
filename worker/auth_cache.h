// Who a token belongs to.                                        Behaviour: spec 04 §2, 01 §1.11; design.md, "Identity".
//
// A verified token is kept and trusted only while nothing moved that it was verified against: the change counter of its
// auth collection and the writer's epoch in the shared page, the schema generation, and its own expiry. A changed password,
// e-mail or deleted record is therefore seen by the next request on every worker.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/base/json.h"
#include "common/base/shared_page.h"
#include "common/db/sqlite.h"
#include "common/records/record.h"
#include "common/schema/schema.h"

namespace wombat {

struct Identity {
  std::shared_ptr<const Record> record;     // null: a guest
  bool refreshable = false;
};

class AuthCache {
 public:
  explicit AuthCache(SharedPage& page) : page_(page) {}

  // The Authorization header's value. Whatever is wrong with it makes the request a guest's (01 §1.11).
  Identity Authenticate(std::string_view authorization, const SchemaPtr& schema, Connection& reader);

 private:
  static constexpr std::size_t kMaxEntries = 4096;
  struct Entry {
    Identity identity;
    const std::atomic<std::uint64_t>* counter = nullptr;
    std::uint64_t counter_value = 0;
    std::uint64_t writer_epoch = 0;
    std::uint64_t schema_generation = 0;
    std::int64_t expires_unix = 0;          // 0: never
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  bool Holds(const Entry& entry, const Schema& schema) const;
  Entry Verify(std::string_view token, const SchemaPtr& schema, Connection& reader);

  SharedPage& page_;
  std::unordered_map<std::string, Entry, TextHash, std::equal_to<>> entries_;
};

// "Bearer x" (any letter case, one space) or "x" itself.
std::string_view TokenOfHeader(std::string_view authorization);

// The key that a record's tokens of a type ("auth", "file", …) are signed with; "" for an unknown type (spec 04 §2).
std::string TokenKey(const Record& record, std::string_view type);

// A fresh refreshable auth token for the record.
std::string IssueAuthToken(const Record& record);

}  // namespace wombat
