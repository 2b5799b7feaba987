#include "worker/api/enrich.h"

#include "worker/api/expand.h"
#include "worker/request_read.h"

namespace wombat {
namespace {

using Texts = std::vector<std::string>;

struct Shaped {
  Expansion expansion;
  Visibility visibility;
  Texts texts;              // empty while handlers shall see the related records first
};

void Render(Shaped& shaped, const std::vector<Record>& records) {
  const Texts expands = shaped.expansion.Texts(records.size());
  shaped.texts.resize(records.size());
  for (std::size_t i = 0; i < records.size(); i++)
    AppendRecordJson(shaped.texts[i], records[i], shaped.visibility, expands[i]);
}

// OnRecordEnrich of related records from `index` on, nested as those of a list are.
Task<HookResult> EnrichLevel(RequestContext& context, const RequestInfo& info, ExpandedLevel& level, std::size_t index) {
  if (index == level.records.size()) co_return HookResult{};
  RecordEnrichEvent event;
  event.app = &context.runtime.app;
  // Not owned: the level outlives its chain.
  event.record = std::shared_ptr<Record>(std::shared_ptr<void>(), &level.records[index]);
  event.info = &info;
  bool went_on = false;
  std::function<Task<HookResult>(RecordEnrichEvent&)> next = [&](RecordEnrichEvent&) -> Task<HookResult> {
    went_on = true;
    co_return co_await EnrichLevel(context, info, level, index + 1);
  };
  auto enriched = co_await context.runtime.app.on_record_enrich.Trigger(event, TagsOf(level.records[index].collection()), next);
  if (!went_on) level.visibility = Visibility();
  co_return enriched;
}

// As deep as the tree of wanted relations. A relation whose chain fails is not shown.
Task<> EnrichExpansion(RequestContext& context, const RequestInfo& info, Expansion& expansion) {
  auto& relations = expansion.relations;
  for (auto at = relations.begin(); at != relations.end();) {
    ExpandedLevel& level = *at->level;
    HookResult enriched;
    if (!level.records.empty() && context.runtime.app.on_record_enrich.HasFor(TagsOf(level.records[0].collection())))
      enriched = co_await EnrichLevel(context, info, level, 0);
    if (!enriched) {
      at = relations.erase(at);
      continue;
    }
    co_await EnrichExpansion(context, info, level.below);
    ++at;
  }
}

// The built-in part: expand and visibility of all records at once.
Task<ApiResult<Texts>> Shape(RequestContext& context, const std::vector<std::shared_ptr<Record>>& records) {
  const ExpandTree tree = ParseExpand(context.Query("expand"));
  std::vector<Record> plain;
  plain.reserve(records.size());
  for (const auto& record : records) plain.push_back(*record);
  Shaped shaped;
  // Without expand and without a manage rule nothing is read: no snapshot, no hand-over.
  const Collection* collection = plain.empty() ? nullptr : &plain[0].collection();
  const bool manages = collection && collection->is_auth() && collection->auth.manage_rule && !context.is_superuser();
  if (tree.empty() && !manages) {
    shaped.visibility = context.ViewerOf();
    Render(shaped, plain);
    co_return std::move(shaped.texts);
  }
  const bool hooked = !tree.empty() && !context.runtime.app.on_record_enrich.empty();
  std::function<Result<Shaped>(Connection&)> read = [&](Connection& reader) -> Result<Shaped> {
    auto snapshot = ReadSnapshot::Begin(reader, Transaction::Kind::kDeferred);
    if (!snapshot) return std::unexpected(snapshot.error());
    auto expansion = LoadExpansion(reader, *context.schema, plain, tree, context.info);
    if (!expansion) return std::unexpected(expansion.error());
    auto visibility = VisibilityOf(reader, *context.schema, plain, context.info);
    if (!visibility) return std::unexpected(visibility.error());
    Shaped loaded{std::move(*expansion), std::move(*visibility), {}};
    if (!hooked) Render(loaded, plain);
    return loaded;
  };
  auto loaded = co_await Read<Shaped>(context, read);
  if (!loaded) co_return std::unexpected(ApiError{400, {}, Json::Object(), loaded.error().message});
  if (hooked) {
    RequestInfo info = context.info;
    info.context = "expand";
    co_await EnrichExpansion(context, info, loaded->expansion);
    Render(*loaded, plain);
  }
  co_return std::move(loaded->texts);
}

// Chains are nested: the part of record i before Next() runs, then record i+1's chain, …, innermost the built-in part.
Task<HookResult> EnrichFrom(RequestContext& context, std::vector<std::shared_ptr<Record>>& records, std::size_t index,
                            Texts& texts) {
  if (index == records.size()) {
    auto shaped = co_await Shape(context, records);
    if (!shaped) co_return std::unexpected(std::move(shaped.error()));
    texts = std::move(*shaped);
    co_return HookResult{};
  }
  RecordEnrichEvent event;
  event.app = &context.runtime.app;
  event.record = records[index];
  event.info = &context.info;
  std::function<Task<HookResult>(RecordEnrichEvent&)> next = [&](RecordEnrichEvent&) -> Task<HookResult> {
    co_return co_await EnrichFrom(context, records, index + 1, texts);
  };
  co_return co_await context.runtime.app.on_record_enrich.Trigger(event, TagsOf(records[index]->collection()), next);
}

}  // namespace

Task<ApiResult<Texts>> EnrichRecords(RequestContext& context, std::vector<std::shared_ptr<Record>> records) {
  const auto& hook = context.runtime.app.on_record_enrich;
  if (records.empty()) co_return Texts();
  if (!hook.HasFor(TagsOf(records[0]->collection()))) co_return co_await Shape(context, records);
  Texts texts;
  auto enriched = co_await EnrichFrom(context, records, 0, texts);
  if (!enriched) co_return std::unexpected(std::move(enriched.error()));
  // A handler that went on nowhere leaves the records as they are, without expand and e-mail addresses.
  if (texts.size() != records.size()) {
    texts.assign(records.size(), {});
    for (std::size_t i = 0; i < records.size(); i++) AppendRecordJson(texts[i], *records[i], Visibility());
  }
  co_return texts;
}

Task<ApiResult<std::string>> EnrichRecord(RequestContext& context, std::shared_ptr<Record> record) {
  std::vector<std::shared_ptr<Record>> one;
  one.push_back(std::move(record));
  auto texts = co_await EnrichRecords(context, std::move(one));
  if (!texts) co_return std::unexpected(std::move(texts.error()));
  co_return std::move((*texts)[0]);
}

}  // namespace wombat
