#include "worker/api/batch_request.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "common/base/text.h"
#include "worker/api/handlers.h"
#include "worker/api/mutate.h"
#include "worker/http/form_values.h"
#include "worker/request_read.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxUrlBytes = 2000;
constexpr std::string_view kMethods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

std::unexpected<ApiError> Unreadable(std::string details) {
  return std::unexpected(ApiError{400, "Failed to read the submitted batch data.", Json::Object(), std::move(details)});
}

// Keys of the batch's own shape are found in any letter case, as the reference's decoder finds them.
const Json* Member(const Json& object, std::string_view name) {
  if (const Json* exact = object.Find(name)) return exact;
  for (const auto& [key, value] : object.as_object())
    if (EqualsIgnoreCase(key, name)) return &value;
  return nullptr;
}

// An absent or null member stays as it is; anything but a text is an error.
bool ReadText(const Json& object, std::string_view name, std::string& out) {
  const Json* member = Member(object, name);
  if (!member || member->is_null()) return true;
  if (!member->is_string()) return false;
  out = member->as_string();
  return true;
}

bool ReadItem(const Json& value, BatchItem& item) {
  if (value.is_null()) return true;
  if (!value.is_object() || !ReadText(value, "method", item.method) || !ReadText(value, "url", item.url)) return false;
  const Json* headers = Member(value, "headers");
  if (headers && !headers->is_null()) {
    if (!headers->is_object()) return false;
    for (const auto& [name, text] : headers->as_object()) {
      if (!text.is_string() && !text.is_null()) return false;
      item.headers.emplace_back(name, text.is_string() ? text.as_string() : std::string());
    }
  }
  const Json* body = Member(value, "body");
  if (!body || body->is_null()) return true;
  if (!body->is_object()) return false;
  item.body = *body;
  return true;
}

// "requests.3.docs+" and "requests[3].docs+": the item and the key. nullopt: a part that belongs to no item.
std::optional<std::pair<std::size_t, std::string_view>> SplitFileKey(std::string_view name) {
  constexpr std::string_view kPrefix = "requests";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  const bool bracket = name.starts_with('[');
  if (!bracket && !name.starts_with('.')) return std::nullopt;
  name.remove_prefix(1);
  std::size_t index = 0;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  if (error != std::errc()) return std::nullopt;
  name.remove_prefix(std::size_t(end - name.data()));
  const std::string_view separator = bracket ? "]." : ".";
  if (!name.starts_with(separator)) return std::nullopt;
  name.remove_prefix(separator.size());
  if (name.empty()) return std::nullopt;
  return std::pair(index, name);
}

Json CheckItems(const std::vector<BatchItem>& items, std::int64_t max_requests) {
  Json errors = Json::Object();
  const auto too_long = [](std::int64_t max) {
    return FieldError{"validation_length_too_long", "the length must be no more than {{.max}}",
                      Json::Object({{"max", double(max)}, {"min", 0}})};
  };
  if (items.empty())
    AddFieldError(errors, "requests", FieldError::Required());
  else if (std::int64_t(items.size()) > max_requests)
    AddFieldError(errors, "requests", too_long(max_requests));
  if (!errors.as_object().empty()) return errors;
  for (std::size_t i = 0; i < items.size(); i++) {
    const std::string path = "requests." + std::to_string(i);
    const BatchItem& item = items[i];
    if (item.method.empty())
      AddFieldError(errors, path + ".method", FieldError::Required());
    else if (std::ranges::find(kMethods, item.method) == std::end(kMethods))
      AddFieldError(errors, path + ".method", {"validation_in_invalid", "must be a valid value", {}});
    if (item.url.empty())
      AddFieldError(errors, path + ".url", FieldError::Required());
    else if (item.url.size() > kMaxUrlBytes)
      AddFieldError(errors, path + ".url", too_long(std::int64_t(kMaxUrlBytes)));
  }
  return errors;
}

bool SameHeader(std::string_view a, std::string_view b) { return EqualsIgnoreCase(a, b); }

}  // namespace

ApiResult<SubmittedBatch> ReadBatch(RequestContext& context, std::int64_t max_requests) {
  if (auto read = context.ReadBody(); !read) return Unreadable(read.error().log_details);
  SubmittedBatch batch;
  const Json* requests = Member(context.info.body, "requests");
  if (requests && !requests->is_null()) {
    if (!requests->is_array()) return Unreadable("the requests are no list");
    // Past the limit only their number counts: nothing is kept of what is refused anyway.
    for (const Json& value : requests->as_array())
      if (!ReadItem(value, batch.items.emplace_back()))
        return Unreadable("a request of the batch has an unexpected shape");
  }
  if (context.body().files_unreadable)
    return std::unexpected(
        ApiError{400, "Failed to read the submitted batch files data.", Json::Object(), "no multipart body"});
  batch.files.resize(batch.items.size());
  for (const UploadedFile& file : context.body().files) {
    auto place = SplitFileKey(file.key);
    if (!place || place->first >= batch.files.size()) continue;
    UploadedFile moved = file;
    moved.key = std::string(place->second);
    batch.files[place->first].push_back(std::move(moved));
  }
  Json errors = CheckItems(batch.items, max_requests);
  if (!errors.as_object().empty())
    return std::unexpected(ApiError{400, "Invalid batch request data.", std::move(errors), "the batch is not valid"});
  return batch;
}

BatchAction ActionOf(const BatchItem& item) {
  constexpr std::string_view kPrefix = "/api/collections/", kRecords = "records";
  BatchAction action;
  std::string_view rest = item.url;
  if (!rest.starts_with(kPrefix)) return action;
  rest.remove_prefix(kPrefix.size());
  if (auto mark = rest.find('?'); mark != rest.npos) {
    action.query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  auto slash = rest.find('/');
  if (slash == 0 || slash == rest.npos) return action;
  action.collection = rest.substr(0, slash);
  rest.remove_prefix(slash + 1);
  if (!rest.starts_with(kRecords)) return action;
  rest.remove_prefix(kRecords.size());
  const bool has_id = rest.size() > 1 && rest[0] == '/' && rest.find('/', 1) == rest.npos;
  if (has_id) action.id = rest.substr(1);
  if (!has_id && !rest.empty()) return action;
  using Kind = BatchAction::Kind;
  if (!has_id && item.method == "POST") action.kind = Kind::kCreate;
  if (!has_id && item.method == "PUT") action.kind = Kind::kUpsert;
  if (has_id && item.method == "PATCH") action.kind = Kind::kUpdate;
  if (has_id && item.method == "DELETE") action.kind = Kind::kDelete;
  return action;
}

BatchRequest::BatchRequest(RequestContext& outer, const BatchItem& item, const std::vector<UploadedFile>& files,
                           BatchPart& part)
    : action_(ActionOf(item)) {
  MergeHeaders(outer, item);
  http_.method = item.method;
  http_.target = item.url;
  http_.path = std::string_view(item.url).substr(0, item.url.find('?'));
  http_.query = action_.query;
  for (const auto& [name, value] : headers_) http_.headers.push_back({name, value});
  http_.has_body = true;
  http_.remote_ip = outer.http.remote_ip;

  context_ = std::make_unique<RequestContext>(outer.runtime, http_);
  context_->schema = outer.schema;
  context_->settings = outer.settings;
  context_->identity = outer.identity;
  context_->user_ip = outer.user_ip;
  context_->info.auth = outer.info.auth;
  context_->info.context = "batch";
  context_->path.emplace_back(action_.collection);
  context_->path.emplace_back(action_.id);
  FillBody(item, files, part);
  context_->part = &part;
}

void BatchRequest::MergeHeaders(const RequestContext& outer, const BatchItem& item) {
  for (const auto& header : outer.http.headers) {
    bool replaced = SameHeader(header.name, "Content-Type") || SameHeader(header.name, "Content-Length");
    for (const auto& own : item.headers)
      replaced |= SameHeader(own.first, header.name) && !SameHeader(own.first, "Authorization");
    if (!replaced) headers_.emplace_back(header.name, header.value);
  }
  for (const auto& own : item.headers)
    if (!SameHeader(own.first, "Authorization") && !SameHeader(own.first, "Content-Type")) headers_.push_back(own);
  headers_.emplace_back("Content-Type", "multipart/form-data");
}

// As a multipart form whose payload is the body: the query's parameters are keys of the body as well.
void BatchRequest::FillBody(const BatchItem& item, const std::vector<UploadedFile>& files, BatchPart& part) {
  FormValues values;
  AddFormPairs(values, ParseQuery(action_.query, &malformed_));
  auto merged = FormToObject(std::move(values));
  if (!merged) malformed_ = true;
  part.body = merged ? std::move(*merged) : Json::Object();
  for (const auto& [key, value] : item.body.as_object()) part.body[key] = value;
  part.files = files;
  // A file takes the place of whatever was submitted under its key.
  for (const UploadedFile& file : part.files) part.body.Erase(file.key);
  if (const Json* id = item.body.Find("id")) id_in_body_ = CastToText(*id);
}

Task<HandlerResult> BatchRequest::Run() {
  using Kind = BatchAction::Kind;
  if (action_.kind == Kind::kNone)
    co_return std::unexpected(ApiError{400, {}, Json::Object(), "unknown batch request action"});
  CollectionPtr collection = FindCollection();
  if (!collection) co_return Refuse(404, "Missing collection context.");
  if (malformed_) co_return std::unexpected(ApiError{400, {}, Json::Object(), "malformed pair in the item's query"});
  if (action_.kind == Kind::kCreate) co_return co_await CreateRecord(*context_);
  if (action_.kind == Kind::kUpdate) co_return co_await UpdateRecord(*context_);
  if (action_.kind == Kind::kDelete) co_return co_await DeleteRecord(*context_);

  const std::string id = id_in_body_;
  bool present = false;
  if (!id.empty()) {
    SelectQuery query{"SELECT 1 FROM " + QuoteName(collection->name) + " WHERE `id` = ?", {id}};
    auto found = co_await HoldsHere(*context_, query);
    if (!found) co_return std::unexpected(ReadFailure(found.error(), 400));
    present = *found;
    context_->part->upsert = true;
  }
  // From here on it is the request that it stands for.
  context_->info.method = present ? "PATCH" : "POST";
  if (!present) co_return co_await CreateRecord(*context_);
  context_->path[1] = id;
  co_return co_await UpdateRecord(*context_);
}

}  // namespace wombat
