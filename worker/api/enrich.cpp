#include "worker/api/enrich.h"

#include "worker/api/expand.h"
#include "worker/request_read.h"

namespace wombat {
namespace {

using Texts = std::vector<std::string>;

// The built-in part: expand and visibility of all records at once.
Task<ApiResult<Texts>> Shape(RequestContext& context, const std::vector<std::shared_ptr<Record>>& records) {
  ExpandTree tree = ParseExpand(context.Query("expand"));
  std::vector<Record> plain;
  plain.reserve(records.size());
  for (const auto& record : records) plain.push_back(*record);
  std::function<Result<Texts>(Connection&)> read = [&](Connection& reader) -> Result<Texts> {
    auto snapshot = ReadSnapshot::Begin(reader, Transaction::Kind::kDeferred);
    if (!snapshot) return std::unexpected(snapshot.error());
    auto expands = ExpandRecords(reader, *context.schema, plain, tree, context.info);
    if (!expands) return std::unexpected(expands.error());
    auto visibility = VisibilityOf(reader, *context.schema, plain, context.info);
    if (!visibility) return std::unexpected(visibility.error());
    Texts texts(plain.size());
    for (std::size_t i = 0; i < plain.size(); i++) AppendRecordJson(texts[i], plain[i], *visibility, (*expands)[i]);
    return texts;
  };
  // Without expand and without a manage rule nothing is read: no snapshot, no hand-over.
  const Collection* collection = plain.empty() ? nullptr : &plain[0].collection();
  bool manages = collection && collection->is_auth() && collection->auth.manage_rule && !context.is_superuser();
  if (tree.empty() && !manages) {
    Visibility visibility = context.ViewerOf();
    Texts texts(plain.size());
    for (std::size_t i = 0; i < plain.size(); i++) AppendRecordJson(texts[i], plain[i], visibility);
    co_return texts;
  }
  auto texts = co_await Read<Texts>(context, read);
  if (!texts) co_return std::unexpected(ApiError{400, {}, Json::Object(), texts.error().message});
  co_return std::move(*texts);
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
