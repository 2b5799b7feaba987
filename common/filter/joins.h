// The tables that a query's paths lead through: each path is joined once, whoever asks for it.  Behaviour: spec 03
// §5.12.
//
// Aliases are numbers ("j:3"), given in the order of registration: the same expressions always make the same SQL, and
// no alias can be a collection's name. Text is written only when the query is finished.
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/filter/operand.h"
#include "common/schema/collection.h"

namespace wombat::filter {

// What paths start from: the base row of the query, or, for an injected list rule, the joined row that it guards.
struct Scope {
  const Collection* collection;
  std::string alias;      // quoted
  bool is_clone = false;  // back relations on it cannot be built (03 §9.1)
};

struct Join {
  enum class Kind : unsigned char {
    kElements,           // json_each over `field` of the parent
    kRelated,            // `target` by the parent's single relation `field`
    kRelatedElement,     // `target` by the value of the parent, a kElements
    kBack,               // `target` whose single relation `field` names the parent
    kBackMultiple,       // … whose relation list `field` holds the parent
    kCollection,         // every row of `target`
    kAuth,               // the auth record's row: one value, its id
    kSubmittedRelated,   // the rows of `target` whose ids the body has in relation `field`
    kSubmittedElements,  // json_each over one value, the body's list of `field`
  };
  Kind kind;
  int scope = 0;
  int parent = -1;  // -1: the scope's own row
  const Field* field = nullptr;
  const Collection* target = nullptr;  // null for lists
  std::string_view alias_name;         // kCollection: ":ALIAS"
  SqlValues values;
  bool several_ids = false;  // kSubmittedRelated: the value is a JSON list
};

class JoinTree {
 public:
  explicit JoinTree(Scope base) { scopes_.push_back(std::move(base)); }

  int AddScope(Scope scope);
  const Scope& scope(int index) const { return scopes_[std::size_t(index)]; }
  Scope& base() { return scopes_[0]; }

  // The index of an equal join that exists, or of the new one. Error: kMaxJoins.
  Result<int> Add(Join join);
  const Join& join(int index) const { return nodes_[std::size_t(index)].join; }
  Join& join(int index) { return nodes_[std::size_t(index)].join; }
  bool empty() const { return nodes_.empty(); }

  // Quoted alias of a join, of the scope's row for -1.
  std::string_view Alias(int index, int scope) const;

  // " LEFT JOIN …" of all.
  void AppendAll(Fragment& out) const;
  // The joins from the scope's row down to `index` once more, under new aliases; returns the last one's alias.
  std::string AppendChain(Fragment& out, int index);

  bool multiplies_rows() const { return multiplies_rows_; }
  bool reads_tables() const { return reads_tables_; }
  bool reads_views() const { return reads_views_; }

 private:
  struct Node {
    Join join;
    std::string alias;
  };
  std::vector<Scope> scopes_;
  std::vector<Node> nodes_;
  std::list<std::string> kept_names_;  // alias names outlive the expression they were written in
  int next_chain_alias_ = 1;
  bool multiplies_rows_ = false;
  bool reads_tables_ = false;
  bool reads_views_ = false;
};

}  // namespace wombat::filter
