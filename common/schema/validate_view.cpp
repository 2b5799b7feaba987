#include "common/schema/validation.h"
#include "common/schema/view_sync.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxErrorBytes = 500;

// Fields of a query that is already stored stand in its collection; SQLite says whether the query still works.
std::optional<std::string> QueryProblem(ValidationState& state) {
  const std::string& query = state.collection.view_query;
  if (!state.stored || !state.stored->is_view() || state.stored->view_query != query) {
    return "the fields of a new view query cannot be told";
  }
  auto prepared = state.connection.Prepare("SELECT * FROM (" + std::string(TrimViewQuery(query)) + ") LIMIT 0");
  return prepared ? std::nullopt : std::optional(prepared.error().message);
}

}  // namespace

void ValidateView(ValidationState& state) {
  if (state.collection.view_query.empty()) return state.Add("viewQuery", FieldError::Required());
  if (const auto problem = QueryProblem(state)) {
    state.Add("viewQuery",
              {"validation_invalid_view_query", "Invalid query - " + problem->substr(0, kMaxErrorBytes), {}});
  }
}

}  // namespace wombat
