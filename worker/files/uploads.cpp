#include "worker/files/uploads.h"

#include <algorithm>

#include "common/records/validate.h"
#include "common/storage/file_name.h"
#include "common/storage/mime_sniff.h"
#include "common/storage/object_key.h"
#include "worker/api/batch_part.h"
#include "worker/files/detached.h"
#include "worker/files/storage_of.h"

namespace wombat {
namespace {

std::string_view FieldOfKey(std::string_view key) {
  if (key.starts_with('+'))
    key.remove_prefix(1);
  else if (key.ends_with('+'))
    key.remove_suffix(1);
  return key;
}

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

ApiError StoreFailure(const Error& error, std::string message) {
  if (error.kind == Error::Kind::kDiskFull)
    return {507, "The data directory cannot be written: the disk is full or read-only.", Json::Object(), error.message};
  return {400, std::move(message), Json::Object(), error.message};
}

}  // namespace

void RecordUploads::Take(const RequestContext& context, const Collection& collection) {
  collection_ = &collection;
  parts_.clear();
  // The items of a batch are requests made anew from parts: names are made twice, and files take the place of names.
  replaces_names_ = context.part != nullptr;
  for (const auto& file : context.body().files) {
    const int index = collection.FieldIndex(FieldOfKey(file.key));
    if (index < 0 || collection.fields[std::size_t(index)]->type() != "file") continue;
    Part part;
    part.key = file.key;
    part.file = file;
    part.upload.field = index;
    part.upload.original_name = replaces_names_ ? StoredFileName(file.file_name, file.content) : file.file_name;
    part.upload.name = StoredFileName(part.upload.original_name, file.content);
    part.upload.content_type = SniffMimeType(file.content).type;
    part.upload.size = file.size;
    parts_.push_back(std::move(part));
  }
}

bool RecordUploads::depends_on_stored() const {
  return std::ranges::any_of(parts_, [](const Part& part) { return part.key.starts_with('+') || part.key.ends_with('+'); });
}

const RecordUploads::Part* RecordUploads::FindPart(std::string_view name) const {
  for (const Part& part : parts_)
    if (part.upload.name == name) return &part;
  return nullptr;
}

Json RecordUploads::Normalize(const Record& record, const Json& body, bool is_superuser) const {
  if (parts_.empty()) return NormalizeBody(record, body, is_superuser);
  Json without_replaced = body;
  if (replaces_names_)
    for (const Part& part : parts_) without_replaced.Erase(part.key);
  Json normalized = NormalizeBody(record, without_replaced, is_superuser);
  Json files = Json::Object();
  for (const Part& part : parts_) {
    const std::string& field = collection_->fields[std::size_t(part.upload.field)]->name;
    // Submitted names of the same field stay, whether the files are put behind them or added by a modifier.
    if (const Json* names = normalized.Find(field); names && !files.Has(field)) files[field] = Json(CastToList(*names));
    Json& list = files[part.key];
    if (!list.is_array()) list = Json::List();
    list.Append(part.upload.name);
  }
  const Json resolved = NormalizeBody(record, files, is_superuser);
  for (const auto& [field, value] : resolved.as_object()) normalized[field] = value;
  return normalized;
}

Json RecordUploads::Describe(Json normalized) const {
  const auto describe = [&](Json& value) {
    const Part* part = value.is_string() ? FindPart(value.as_string()) : nullptr;
    if (!part) return;
    value = Json::Object({{"name", part->upload.name},
                          {"originalName", part->upload.original_name},
                          {"size", Json(std::size_t(part->upload.size))}});
  };
  for (const Part& part : parts_) {
    Json* value = normalized.Find(collection_->fields[std::size_t(part.upload.field)]->name);
    if (!value) continue;
    if (value->is_array())
      for (Json& element : value->as_array()) describe(element);
    else
      describe(*value);
  }
  return normalized;
}

void RecordUploads::AttachTo(Record& record) const {
  std::vector<RecordUpload> uploads;
  for (const Part& part : parts_)
    if (Contains(CastToList(record.value(part.upload.field)), part.upload.name)) uploads.push_back(part.upload);
  record.SetUploads(std::move(uploads));
}

Task<ApiResult<void>> RecordUploads::Place(RequestContext& context, Record& record, std::string failed_message) {
  if (parts_.empty()) co_return ApiResult<void>{};
  AttachTo(record);
  placed_ = record.uploads();
  if (placed_.empty()) co_return ApiResult<void>{};
  auto storage = StorageOf(context);
  if (!storage) co_return std::unexpected(StoreFailure(storage.error(), std::move(failed_message)));
  storage_ = std::move(*storage);
  for (RecordUpload& upload : placed_) upload.key = FileKey(record.collection().id, record.id(), upload.name);
  record.SetUploads(placed_);
  std::function<Result<void>(PoolThread&)> write = [&](PoolThread&) { return Write(context.runtime); };
  auto written = co_await context.runtime.file_pool.Run<Result<void>>(write);
  if (!written) co_return std::unexpected(ApiError{503, "The server is busy, try again later.", Json::Object(), "too many files wait to be stored"});
  if (*written) co_return ApiResult<void>{};
  Error error = written->error();
  co_await Settle(context, nullptr);
  co_return std::unexpected(StoreFailure(error, std::move(failed_message)));
}

Result<void> RecordUploads::Write(Runtime& runtime) {
  std::vector<std::string> keys;
  for (const RecordUpload& upload : placed_) keys.push_back(upload.key);
  auto note = runtime.file_journal.Begin(keys);
  if (!note) return std::unexpected(note.error());
  note_ = *note;
  for (const RecordUpload& upload : placed_) {
    const ObjectOptions options{upload.content_type, upload.original_name, true};
    const UploadedFile& file = FindPart(upload.name)->file;
    auto written = file.spooled ? storage_->WriteSpooled(upload.key, {file.spooled, file.size, file.md5}, options)
                                : storage_->Write(upload.key, file.content, options);
    if (!written) return written;
  }
  return {};
}

Task<void> RecordUploads::Settle(RequestContext& context, const Record* stored) {
  if (!note_) co_return;
  Placed placed;
  placed.storage = storage_;
  placed.note = *std::exchange(note_, {});
  for (RecordUpload& upload : std::exchange(placed_, {})) {
    const bool kept = stored && Contains(CastToList(stored->value(upload.field)), upload.name);
    if (!kept) placed.unneeded.push_back(upload.key);
    placed.keys.push_back(std::move(upload.key));
  }
  Runtime& runtime = context.runtime;
  if (stored && context.part && context.part->at_end) {
    context.part->at_end->push_back([&runtime, placed](bool committed) { return End(runtime, placed, committed); });
    co_return;
  }
  co_await End(runtime, std::move(placed), stored != nullptr);
}

Task<void> RecordUploads::End(Runtime& runtime, Placed placed, bool committed) {
  const std::vector<std::string>& gone = committed ? placed.unneeded : placed.keys;
  if (gone.empty()) {
    // Nobody has to wait for a note to go.
    RunDetached(runtime.loop, [&runtime, note = placed.note] { runtime.file_journal.End(note); });
    co_return;
  }
  std::function<bool(PoolThread&)> discard = [&](PoolThread&) {
    bool all = true;
    for (const auto& key : gone) all = placed.storage->Discard(key) && all;
    if (all) runtime.file_journal.End(placed.note);
    return all;
  };
  // Where that fails or too much waits already, the note stays, and the writer clears up after this process.
  (void)co_await runtime.file_pool.Run<bool>(discard);
}

void RecordUploads::Follow(const Collection& collection) {
  collection_ = &collection;
  std::erase_if(parts_, [&](Part& part) {
    part.upload.field = collection.FieldIndex(FieldOfKey(part.key));
    return part.upload.field < 0 || collection.fields[std::size_t(part.upload.field)]->type() != "file";
  });
}

}  // namespace wombat
