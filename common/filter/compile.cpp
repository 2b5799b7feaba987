#include "common/filter/compile.h"

#include <algorithm>
#include <utility>

#include "common/base/text.h"
#include "common/filter/build.h"
#include "common/filter/joins.h"
#include "common/filter/parser.h"
#include "common/filter/record_resolver.h"
#include "common/filter/sort.h"
#include "common/filter/sql_text.h"

namespace wombat {
namespace {

// The id check in front of an injected list rule counts as one comparison of its budget.
constexpr int kMaxInjectedExpressions = kMaxFilterExpressions - 1;
constexpr std::size_t kUsualSqlBytes = 256;

filter::Scope BaseScope(const Collection& collection, std::string_view base) {
  filter::Scope scope{.collection = &collection, .alias = {}};
  filter::AppendName(scope.alias, base.empty() ? std::string_view(collection.name) : base);
  return scope;
}

// A view's text may name the clock or chance; a word that only looks like it costs nothing but a cached total.
bool IsRepeatable(const Collection& view) {
  constexpr std::string_view kSuspicious[] = {"random", "now", "current_", "date(", "time(", "julianday", "unixepoch",
                                              "timediff", "changes", "last_insert_rowid", "sqlite_"};
  const std::string query = AsciiLower(view.view_query);
  return std::ranges::none_of(kSuspicious, [&](std::string_view word) { return query.find(word) != query.npos; });
}

// Views can read other views: all of them are asked.
bool ViewsAreRepeatable(const Schema& schema) {
  return std::ranges::all_of(schema.collections(),
                             [](const CollectionPtr& each) { return !each->is_view() || IsRepeatable(*each); });
}

}  // namespace

class Compiler::Impl {
 public:
  Impl(const Schema& schema, const Collection& collection, const RequestInfo* request, std::string_view base)
      : schema_(schema), joins_(BaseScope(collection, base)), resolver_(schema, request, joins_),
        is_internal_(request == nullptr) {
    where_.sql.reserve(kUsualSqlBytes);
  }

  void TreatBaseAsClone() { joins_.base().is_clone = true; }

  Result<void> AddExpression(std::string_view expression, bool allow_hidden_fields) {
    if (expression.empty()) return {};
    auto ast = filter::ParseCached(expression);
    if (!ast) return std::unexpected(std::move(ast.error()));
    resolver_.Use(0, allow_hidden_fields);
    BeginCondition();
    auto appended = filter::AppendExpression(where_, **ast, resolver_, joins_, kMaxFilterExpressions);
    where_.sql += ')';
    return appended;
  }

  Result<void> AddSort(std::string_view sort, bool allow_hidden_fields) {
    resolver_.Use(0, allow_hidden_fields);
    return filter::AppendSort(order_by_, sort,
                              {.resolver = resolver_,
                               .base_alias = joins_.base().alias,
                               .limited = !is_internal_,
                               .has_rowid = !joins_.base().collection->is_view()});
  }

  Result<CompiledQuery> Finish() {
    // A list rule is resolved with hidden fields allowed, so it guards no further joins.
    for (const filter::RecordResolver::Guarded& guarded : resolver_.guarded()) {
      if (auto injected = Inject(guarded); !injected) return std::unexpected(std::move(injected.error()));
    }
    CompiledQuery query;
    if (!joins_.empty()) {
      filter::Fragment joins;
      joins_.AppendAll(joins);
      query.joins = std::move(joins.sql);
      query.join_values = std::move(joins.values);
    }
    query.where = std::move(where_.sql);
    query.where_values = std::move(where_.values);
    query.order_by = std::move(order_by_);
    query.distinct = joins_.multiplies_rows();
    query.reads_tables = joins_.reads_tables();
    // Only strftime can read the clock: macros are values.
    query.repeatable = query.where.find("strftime(") == query.where.npos;
    if (joins_.base().collection->is_view() || joins_.reads_views()) {
      query.repeatable = query.repeatable && ViewsAreRepeatable(schema_);
    }
    return query;
  }

 private:
  void BeginCondition() { where_.sql += where_.sql.empty() ? "(" : " AND ("; }

  Result<void> Inject(const filter::RecordResolver::Guarded& guarded) {
    auto ast = filter::ParseCached(*guarded.collection->list_rule);
    if (!ast) return std::unexpected(std::move(ast.error()));
    const std::string alias(joins_.Alias(guarded.join, 0));
    resolver_.Use(joins_.AddScope({.collection = guarded.collection, .alias = alias}), true);
    // A missing relation is no row that could be seen.
    BeginCondition();
    filter::AppendColumn(where_.sql, alias, "id");
    where_.sql += " = '' OR ";
    filter::AppendColumn(where_.sql, alias, "id");
    where_.sql += " IS NULL OR ";
    auto appended = filter::AppendExpression(where_, **ast, resolver_, joins_, kMaxInjectedExpressions);
    where_.sql += ')';
    return appended;
  }

  const Schema& schema_;
  filter::Fragment where_;
  std::string order_by_;
  filter::JoinTree joins_;
  filter::RecordResolver resolver_;
  bool is_internal_;
};

Compiler::Compiler(const Schema& schema, const Collection& collection, const RequestInfo* request, std::string base)
    : impl_(std::make_unique<Impl>(schema, collection, request, base)) {}
Compiler::~Compiler() = default;

void Compiler::TreatBaseAsClone() { impl_->TreatBaseAsClone(); }

Result<void> Compiler::AddRule(std::string_view expression) { return impl_->AddExpression(expression, true); }

Result<void> Compiler::AddFilter(std::string_view expression, bool allow_hidden_fields) {
  return impl_->AddExpression(expression, allow_hidden_fields);
}

Result<void> Compiler::AddSort(std::string_view sort, bool allow_hidden_fields) {
  return impl_->AddSort(sort, allow_hidden_fields);
}

Result<CompiledQuery> Compiler::Finish() { return impl_->Finish(); }

Result<void> CheckRule(const Schema& schema, const Collection& collection, std::string_view rule) {
  const RequestInfo nobody;
  Compiler compiler(schema, collection, &nobody);
  return compiler.AddRule(rule);
}

}  // namespace wombat
