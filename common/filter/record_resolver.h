// Names of a collection's records: fields, relations in both directions, other collections, the request.
// Behaviour: spec 03 §5. Each path that leads out of the base row becomes joins of the JoinTree.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "common/filter/joins.h"
#include "common/filter/resolver.h"
#include "common/records/request_info.h"
#include "common/schema/schema.h"

namespace wombat::filter {

class RecordResolver : public Resolver {
 public:
  RecordResolver(const Schema& schema, const RequestInfo* request, JoinTree& joins)
      : schema_(schema), request_(request), joins_(joins) {}

  Result<void> Resolve(const Identifier& identifier, Operand& out) override;

  // Whose fields names without a prefix are, and whether hidden ones may be used.
  void Use(int scope, bool allow_hidden_fields) {
    scope_ = scope;
    allow_hidden_ = allow_hidden_fields;
  }

  // Joined rows that only a list rule lets be seen (03 §8), in the order in which they were first asked for.
  struct Guarded {
    int join;
    const Collection* collection;
  };
  const std::vector<Guarded>& guarded() const { return guarded_; }

 private:
  // The row that a path has led to.
  struct Place {
    const Collection* collection;
    int join = -1;
    bool multi = false;
    bool missing_is_null = false;  // paths of @request: what is not there is NULL, no error
  };
  using Path = std::span<const Segment>;

  const Collection& base() const { return *joins_.scope(scope_).collection; }
  std::string_view Alias(int join) const { return joins_.Alias(join, scope_); }

  // record_path.cpp
  Result<void> ResolvePath(Place place, Path path, Operand& out);
  Result<void> ResolveField(const Place& place, const Segment& segment, Operand& out);
  Result<void> ResolveElements(Place place, const Field& field, Operand& out);
  Result<void> ResolveJsonPath(const Place& place, const Field& field, Path rest, Operand& out);
  Result<void> FollowRelation(Place& place, const Field& field);
  // False: out is NULL already.
  Result<bool> FollowBackRelation(Place& place, std::string_view segment, Operand& out);
  Result<void> ResolveCollection(const Identifier& identifier, Operand& out);
  Result<int> AddTable(Join join);
  void FinishLeaf(const Place& place, Leaf leaf, Operand& out);

  // request_path.cpp
  Result<void> ResolveAuth(const Identifier& identifier, Operand& out);
  Result<void> ResolveBody(const Identifier& identifier, Operand& out);
  Result<void> ResolveStatic(const Identifier& identifier, Operand& out);
  Result<void> ResolveSubmittedRelation(const Field& field, Path rest, Operand& out);
  Result<void> ResolveSubmittedElements(const Field& field, Operand& out);
  Result<void> ResolveChanged(const Identifier& identifier, const Field& field, Operand& out);
  void SetStaticText(std::string_view text, std::string_view key, Operand& out) const;
  void SetStaticJson(const Json& value, std::string_view key, Operand& out) const;
  bool SetPlainAuthField(std::string_view name, Operand& out) const;
  const Json* Submitted(const Field& field) const;

  const Schema& schema_;
  const RequestInfo* request_;
  JoinTree& joins_;
  int scope_ = 0;
  bool allow_hidden_ = false;
  std::vector<Guarded> guarded_;
};

}  // namespace wombat::filter
