#include "common/schema/validation.h"
#include "common/schema/view_dry_run.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxErrorBytes = 500;

}  // namespace

void ValidateView(ValidationState& state, ViewFields inferred) {
  if (state.collection.view_query.empty()) return state.Add("viewQuery", FieldError::Required());
  const auto run = DryRunView(state.connection, state.schema, std::move(inferred));
  if (run) return;
  state.Add("viewQuery", {"validation_invalid_view_query",
                          "Invalid query - " + run.error().message.substr(0, kMaxErrorBytes), {}});
}

}  // namespace wombat
