// GET /api/collections/{collection}/records                                                     spec 01 §2.3, 03 §10–§12
#include <time.h>

#include <utility>

#include "common/base/json_text.h"
#include "common/base/random.h"
#include "common/records/fields_picker.h"
#include "worker/api/enrich.h"
#include "worker/api/expand.h"
#include "worker/api/handlers.h"
#include "worker/api/record_access.h"
#include "worker/api/record_query.h"
#include "worker/pause.h"
#include "worker/read.h"

namespace wombat {
namespace {

// A guest who asks the same collection over and over for what is not there may be looking for answers in their timing.
constexpr RateLimit kEmptyLists{.max_requests = 3, .duration = 3};
constexpr std::uint32_t kMaxEmptyListDelayMs = 500;

// A page whose first rows promise more than kLargePage gets its memory at once.
constexpr std::size_t kRowsBeforeEstimate = 4, kLargePage = 1 << 20, kMostReserved = 256 << 20;
// Records that wait to be expanded together: one statement for each relation and level serves them.
constexpr std::size_t kMostWaitingBytes = 8 << 20;

struct Page {
  std::vector<std::shared_ptr<Record>> records;   // filled when the handlers get records …
  std::string json = "{\"items\":[";               // … otherwise the answer up to its last item
  std::size_t count = 0;
  std::int64_t total = -1;
  std::optional<TotalsCache::State> counted_at;   // where the database stood when it was counted for this page
  bool unpickable = false;                        // `fields` cannot be applied
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
  const bool expands = !context.Query("expand").empty();
  if (app.on_records_list_request.HasFor(tags) || app.on_record_enrich.HasFor(tags)) return Shape::kHooked;
  if (expands && !app.on_record_enrich.empty()) return Shape::kHooked;
  bool manages = collection.is_auth() && collection.auth.manage_rule && !context.is_superuser();
  return manages || expands ? Shape::kExpanded : Shape::kRows;
}

// Appends records to a page, each as `fields` wants it.
class PageWriter {
 public:
  PageWriter(Page& page, std::string_view fields, std::int64_t per_page)
      : page_(page), per_page_(std::size_t(per_page)), picks_(!fields.empty()) {
    if (picks_) picker_ = FieldsPicker::Read(fields);
    page.unpickable = picks_ && !picker_;
  }

  // `write` appends one record's JSON to the text it gets; false when it cannot.
  template <class Write>
  bool Append(Write write) {
    if (page_.count++ > 0) page_.json += ',';
    if (page_.count == kRowsBeforeEstimate) ReserveForAll();
    if (!picks_) return write(page_.json);
    if (page_.unpickable) return true;
    scratch_.clear();
    if (!write(scratch_)) return false;
    page_.unpickable = !picker_->Append(page_.json, scratch_);
    return true;
  }

 private:
  // A text that grows by doubling is there twice while it moves, and what it leaves behind stays with the allocator.
  void ReserveForAll() {
    const std::size_t expected = page_.json.size() / kRowsBeforeEstimate * (per_page_ + per_page_ / 8);
    if (expected > kLargePage) page_.json.reserve(std::min(expected, kMostReserved));
  }

  Page& page_;
  std::size_t per_page_;
  bool picks_;
  std::optional<FieldsPicker> picker_;
  std::string scratch_;
};

std::size_t TextBytesOf(const Record& record) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < record.collection().fields.size(); i++)
    if (const Json& value = record.value(int(i)); value.is_string()) bytes += value.as_string().size();
  return bytes;
}

Result<void> AppendExpanded(PageWriter& writer, Connection& reader, const RequestContext& context,
                            std::vector<Record>& records) {
  auto expands = ExpandRecords(reader, *context.schema, records, ParseExpand(context.Query("expand")), context.info);
  if (!expands) return std::unexpected(expands.error());
  auto visibility = VisibilityOf(reader, *context.schema, records, context.info);
  if (!visibility) return std::unexpected(visibility.error());
  for (std::size_t i = 0; i < records.size(); i++) {
    // What has been written is let go, so that large records are not held twice.
    const Record record = std::move(records[i]);
    const std::string expand = std::move((*expands)[i]);
    writer.Append([&](std::string& out) {
      AppendRecordJson(out, record, *visibility, expand);
      return true;
    });
  }
  records.clear();
  return {};
}

// The snapshot that a first step has opened is of `before` when the database stands there still.
std::optional<TotalsCache::State> Unmoved(const TotalsCache& totals, const std::optional<TotalsCache::State>& before) {
  return before && totals.Now() == before ? before : std::nullopt;
}

Result<void> ReadTotal(Page& page, Connection& reader, const ListQuery& query, const std::optional<TotalsCache::Entry>& known,
                       const std::optional<TotalsCache::State>& state) {
  if (query.total.sql.empty()) return {};
  if (known && state && known->state == *state) {
    page.total = known->total;
    return {};
  }
  auto total = reader.QueryValue(query.total.sql, query.total.values);
  if (!total) return std::unexpected(total.error());
  if (const auto* count = std::get_if<std::int64_t>(&*total)) page.total = *count;
  page.counted_at = state;
  return {};
}

Result<Page> ReadPage(Connection& reader, const RequestContext& context, const CollectionPtr& collection,
                      const ListQuery& query, Shape shape, const std::optional<TotalsCache::Entry>& known_total) {
  const TotalsCache& totals = context.runtime.totals;
  std::optional<TotalsCache::State> state;
  if (query.total_is_repeatable) state = totals.Now();
  Page page;
  // Items, what they expand to and the total show one state.
  auto snapshot = ReadSnapshot::Begin(reader, Transaction::Kind::kDeferred);
  if (!snapshot) return std::unexpected(snapshot.error());
  auto statement = reader.Prepare(query.items.sql);
  if (!statement) return std::unexpected(statement.error());
  statement->BindAll(query.items.values);
  Visibility visibility = context.ViewerOf();
  PageWriter writer(page, shape == Shape::kHooked ? std::string_view() : context.Query("fields"), query.per_page);
  std::vector<Record> records;
  std::size_t waiting = 0;
  for (bool first = true;; first = false) {
    auto row = statement->Step();
    if (!row) return std::unexpected(row.error());
    if (first) state = Unmoved(totals, state);
    if (!*row) break;
    if (shape != Shape::kRows) {
      records.push_back(Record::FromRow(collection, *statement));
      if (shape != Shape::kExpanded || (waiting += TextBytesOf(records.back())) < kMostWaitingBytes) continue;
      waiting = 0;
      if (auto appended = AppendExpanded(writer, reader, context, records); !appended)
        return std::unexpected(std::move(appended.error()));
      continue;
    }
    if (!writer.Append([&](std::string& out) { return AppendRowJson(out, *collection, *statement, 0, visibility); }))
      return Fail("a record cannot be read");
  }
  if (shape == Shape::kHooked) {
    page.count = records.size();
    for (auto& record : records) page.records.push_back(std::make_shared<Record>(std::move(record)));
  } else if (shape == Shape::kExpanded) {
    if (auto appended = AppendExpanded(writer, reader, context, records); !appended)
      return std::unexpected(std::move(appended.error()));
  }
  if (auto counted = ReadTotal(page, reader, query, known_total, state); !counted)
    return std::unexpected(std::move(counted.error()));
  return page;
}

std::int64_t PagesOf(std::int64_t total, std::int64_t per_page) {
  return total < 0 ? -1 : (total + per_page - 1) / per_page;
}

// Behind the last item.
void AppendEnvelope(std::string& json, const ListResult& result) {
  json += "],\"page\":";
  AppendJsonNumber(json, result.page);
  json += ",\"perPage\":";
  AppendJsonNumber(json, result.per_page);
  json += ",\"totalItems\":";
  AppendJsonNumber(json, result.total_items);
  json += ",\"totalPages\":";
  AppendJsonNumber(json, result.total_pages);
  json += '}';
}

// Its items are picked already.
HttpResponse AnswerOf(Page&& page, const ListResult& result) {
  HttpResponse response;
  response.content_type = "application/json";
  if (page.unpickable) return response;           // the reference finds out after the status line: 200 without a body
  AppendEnvelope(page.json, result);
  page.json += '\n';
  response.body = std::move(page.json);
  return response;
}

// Spec 01 §2.3.
std::chrono::milliseconds EmptyListDelay(RequestContext& context, const Collection& collection, const Rule& rule,
                                         const ListParams& params, const Page& page) {
  if (page.count > 0 || params.filter.empty() || context.is_superuser() || !rule || rule->empty()) return {};
  const std::uint64_t key = RateTable::KeyOf(0, "empty list " + collection.id, context.user_ip);
  if (context.runtime.config.page->rate_limits.Take(key, kEmptyLists, std::uint32_t(::time(nullptr)))) return {};
  return std::chrono::milliseconds(RandomBelow(kMaxEmptyListDelayMs));
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
    std::string json = "{\"items\":[";
    bool first = true;
    for (const auto& item : e.result.items) {
      if (!std::exchange(first, false)) json += ',';
      auto at = std::find(e.records.begin(), e.records.end(), item);
      if (at != e.records.end()) json += (*texts)[std::size_t(at - e.records.begin())];
      else AppendRecordJson(json, *item, Visibility());
    }
    AppendEnvelope(json, e.result);
    response = JsonResponse(context, std::move(json));
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
  TotalsCache& totals = context.runtime.totals;
  std::string total_key;
  std::optional<TotalsCache::Entry> known_total;
  if (query->total_is_repeatable) {
    totals.Open();
    total_key = TotalsCache::KeyOf(query->total.sql, query->total.values);
    known_total = totals.Find(total_key);
  }
  std::function<Result<Page>(Connection&)> read = [&](Connection& reader) {
    return ReadPage(reader, context, collection, *query, shape, known_total);
  };
  auto page = co_await Read<Page>(context.runtime, read);
  if (!page) co_return std::unexpected(ReadFailure(page.error(), 400));
  if (page->counted_at) totals.Keep(std::move(total_key), {*page->counted_at, page->total});

  Pause pause(context.runtime.loop, EmptyListDelay(context, *collection, access->rule, *params, *page));
  co_await pause;

  ListResult result;
  result.page = params->page;
  result.per_page = params->per_page;
  result.total_items = page->total;
  result.total_pages = PagesOf(page->total, params->per_page);
  if (shape == Shape::kHooked) co_return co_await ThroughRecords(context, collection, std::move(*page), std::move(result));
  co_return AnswerOf(std::move(*page), result);
}

}  // namespace wombat
