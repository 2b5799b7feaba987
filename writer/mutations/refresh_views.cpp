#include "writer/mutations/refresh_views.h"

#include <algorithm>
#include <cstdio>

#include "common/schema/view_sync.h"
#include "writer/mutations/collection_chain.h"

namespace wombat {
namespace {

// Views of views settle from the source outwards, so a chain takes as many rounds as it is long.
constexpr int kMaxRounds = 1000;
// All writes wait meanwhile.
constexpr std::chrono::seconds kTimeLimit{10};

std::unexpected<ApiError> Failed(std::string details) {
  return std::unexpected(ApiError{400, {}, Json::Object(), std::move(details)});
}

bool HasOtherViews(const Schema& schema, std::string_view except_id) {
  return std::ranges::any_of(schema.collections(), [&](const CollectionPtr& collection) {
    return collection->is_view() && collection->id != except_id;
  });
}

std::string Details(const ApiError& error) {
  if (!error.log_details.empty()) return error.log_details;
  return error.message + " " + error.data.Dump();
}

}  // namespace

HookResult RefreshViews(LaneTransaction& tx, std::string_view except_id) {
  const auto deadline = std::chrono::steady_clock::now() + kTimeLimit;
  for (int round = 0; round < kMaxRounds; ++round) {
    const auto schema = LoadSchema(tx.db(), 0);
    if (!schema) return Failed(schema.error().message);
    if (!HasOtherViews(**schema, except_id)) return {};
    auto changed = ChangedViews(tx.db(), **schema, except_id);
    if (!changed) return Failed(changed.error().message);
    if (changed->empty()) return {};
    for (Collection& view : *changed) {
      if (std::chrono::steady_clock::now() >= deadline) return Failed("the dependent views took too long");
      const Collection* stored = (*schema)->FindById(view.id);
      if (auto saved = SaveCollectionModel(tx, **schema, view, stored, CollectionChecks::kAll); !saved) return saved;
    }
  }
  return Failed("the dependent views do not settle");
}

void RefreshViewsIfPossible(LaneTransaction& tx, std::string_view saved_id) {
  if (!HasOtherViews(tx.schema(), saved_id)) return;
  LaneEffects effects = tx.TakeEffects();
  if (!tx.db().Execute("SAVEPOINT refresh_views")) {
    tx.effects() = std::move(effects);
    return;
  }
  if (auto refreshed = RefreshViews(tx, saved_id); refreshed) {
    (void)tx.db().Execute("RELEASE refresh_views");
    effects.Append(tx.TakeEffects());
  } else {
    (void)tx.db().Execute("ROLLBACK TO refresh_views; RELEASE refresh_views");
    tx.FailEffects(refreshed.error());
    std::fprintf(stderr, "wombat writer: dependent views keep their fields: %s\n", Details(refreshed.error()).c_str());
  }
  tx.effects() = std::move(effects);
}

}  // namespace wombat
