// GET /api/collections/{collection}/records                                                     spec 01 §2.3, 03 §10–§12
#include "common/base/json_text.h"
#include "common/base/random.h"
#include "worker/api/enrich.h"
#include "worker/api/expand.h"
#include "worker/api/handlers.h"
#include "worker/api/record_access.h"
#include "worker/api/record_query.h"
#include "worker/read.h"

namespace wombat {
namespace {

struct Page {
  std::vector<std::shared_ptr<Record>> records;   // filled when records are needed …
  std::string items;                              // … otherwise the rows' JSON, comma separated
  std::int64_t total = -1;
};

// A plain substring test, even inside quoted text (spec 01 §2.3).
ApiResult<void> CheckRestricted(const ListParams& params) {
  for (const std::string* text : {&params.filter, &params.sort})
    for (std::string_view word : {"@collection.", "@request."})
      if (text->find(word) != std::string::npos)
        return Refuse(403, "Only superusers can filter by " + std::string(word));
  return {};
}

// How much has to be made of the rows.
enum class Shape {
  kRows,        // straight from the statement into the answer
  kExpanded,    // as records, since related ones or e-mail rights are looked up for them
  kHooked,      // as records for the handlers
};

Shape ShapeOf(RequestContext& context, const Collection& collection) {
  const App& app = context.runtime.app;
  std::string_view tags[] = {collection.name, collection.id};
  if (app.on_records_list_request.HasFor(tags) || app.on_record_enrich.HasFor(tags)) return Shape::kHooked;
  bool manages = collection.is_auth() && collection.auth.manage_rule && !context.is_superuser();
  return manages || !context.Query("expand").empty() ? Shape::kExpanded : Shape::kRows;
}

Result<std::string> ExpandedItems(Connection& reader, const RequestContext& context, const std::vector<Record>& records) {
  auto expands = ExpandRecords(reader, *context.schema, records, ParseExpand(context.Query("expand")), context.info);
  if (!expands) return std::unexpected(expands.error());
  auto visibility = VisibilityOf(reader, *context.schema, records, context.info);
  if (!visibility) return std::unexpected(visibility.error());
  std::string items;
  for (std::size_t i = 0; i < records.size(); i++) {
    if (i) items += ',';
    AppendRecordJson(items, records[i], *visibility, (*expands)[i]);
  }
  return items;
}

Result<Page> ReadPage(Connection& reader, const RequestContext& context, const CollectionPtr& collection,
                      const ListQuery& query, Shape shape) {
  Page page;
  // Items, what they expand to and the total show one state.
  auto snapshot = ReadSnapshot::Begin(reader, Transaction::Kind::kDeferred);
  if (!snapshot) return std::unexpected(snapshot.error());
  auto statement = reader.Prepare(query.items.sql);
  if (!statement) return std::unexpected(statement.error());
  statement->BindAll(query.items.values);
  Visibility visibility = context.ViewerOf();
  std::vector<Record> records;
  for (;;) {
    auto row = statement->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    if (shape != Shape::kRows) {
      records.push_back(Record::FromRow(collection, *statement));
      continue;
    }
    if (!page.items.empty()) page.items += ',';
    if (!AppendRowJson(page.items, *collection, *statement, 0, visibility)) return Fail("a record cannot be read");
  }
  if (shape == Shape::kHooked) {
    for (auto& record : records) page.records.push_back(std::make_shared<Record>(std::move(record)));
  } else if (shape == Shape::kExpanded) {
    auto items = ExpandedItems(reader, context, records);
    if (!items) return std::unexpected(items.error());
    page.items = std::move(*items);
  }
  if (query.total.sql.empty()) return page;
  auto total = reader.QueryValue(query.total.sql, query.total.values);
  if (!total) return std::unexpected(total.error());
  if (const auto* count = std::get_if<std::int64_t>(&*total)) page.total = *count;
  return page;
}

std::int64_t PagesOf(std::int64_t total, std::int64_t per_page) {
  return total < 0 ? -1 : (total + per_page - 1) / per_page;
}

std::string Envelope(std::string_view items, const ListResult& result) {
  std::string json;
  json.reserve(items.size() + 96);
  json.append("{\"items\":[").append(items).append("],\"page\":");
  AppendJsonNumber(json, result.page);
  json += ",\"perPage\":";
  AppendJsonNumber(json, result.per_page);
  json += ",\"totalItems\":";
  AppendJsonNumber(json, result.total_items);
  json += ",\"totalPages\":";
  AppendJsonNumber(json, result.total_pages);
  json += '}';
  return json;
}

Task<HandlerResult> ThroughRecords(RequestContext& context, const CollectionPtr& collection, Page page, ListResult result) {
  HttpResponse response;
  RecordsListRequestEvent event;
  event.app = &context.runtime.app;
  event.request = &context.http;
  event.response = &response;
  event.info = &context.info;
  event.auth = context.info.auth;
  event.collection = collection.get();
  event.records = page.records;
  result.items = std::move(page.records);
  event.result = std::move(result);
  std::function<Task<HookResult>(RecordsListRequestEvent&)> finish = [&](RecordsListRequestEvent& e) -> Task<HookResult> {
    // What was enriched and what is written are two lists (07 §2.6): a record in both is shown enriched.
    auto texts = co_await EnrichRecords(context, e.records);
    if (!texts) co_return std::unexpected(std::move(texts.error()));
    std::string items;
    for (const auto& item : e.result.items) {
      if (!items.empty()) items += ',';
      auto at = std::find(e.records.begin(), e.records.end(), item);
      if (at != e.records.end()) items += (*texts)[std::size_t(at - e.records.begin())];
      else AppendRecordJson(items, *item, Visibility());
    }
    response = JsonResponse(context, Envelope(items, e.result));
    co_return HookResult{};
  };
  auto done = co_await context.runtime.app.on_records_list_request.Trigger(event, TagsOf(*collection), finish);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

}  // namespace

Task<HandlerResult> ListRecords(RequestContext& context) {
  auto access = CheckAccess(context, RecordAction::kList);
  if (!access) co_return std::unexpected(std::move(access.error()));
  auto params = ReadListParams(context.info);
  if (!params) co_return std::unexpected(std::move(params.error()));
  bool superuser = context.is_superuser();
  if (!superuser)
    if (auto allowed = CheckRestricted(*params); !allowed) co_return std::unexpected(std::move(allowed.error()));

  const CollectionPtr& collection = access->collection;
  auto query = SelectList(*context.schema, *collection, *params, access->rule, context.info, superuser);
  if (!query) co_return std::unexpected(ReadFailure(query.error(), 400));
  Shape shape = ShapeOf(context, *collection);
  std::function<Result<Page>(Connection&)> read = [&](Connection& reader) {
    return ReadPage(reader, context, collection, *query, shape);
  };
  auto page = co_await Read<Page>(context.runtime, read);
  if (!page) co_return std::unexpected(ReadFailure(page.error(), 400));

  ListResult result;
  result.page = params->page;
  result.per_page = params->per_page;
  result.total_items = page->total;
  result.total_pages = PagesOf(page->total, params->per_page);
  if (shape == Shape::kHooked) co_return co_await ThroughRecords(context, collection, std::move(*page), std::move(result));
  co_return JsonResponse(context, Envelope(page->items, result));
}

}  // namespace wombat
