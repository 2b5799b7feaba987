#include "writer/mutations/record_files.h"

#include <algorithm>

#include "common/storage/object_key.h"
#include "proto/values.h"
#include "writer/jobs/file_keeper.h"

namespace wombat {
namespace {

bool HasFileField(const Collection& collection) {
  return std::ranges::any_of(collection.fields, [](const auto& field) { return field->type() == "file"; });
}

std::vector<std::string> Names(const Json& value) { return CastToList(value); }

}  // namespace

bool TakeUploads(LaneTransaction& tx, capnp::List<proto::Upload>::Reader uploads, Record& record) {
  if (uploads.size() == 0) return true;
  std::vector<RecordUpload> taken;
  for (auto upload : uploads) {
    if (upload.getField() >= record.collection().fields.size()) return false;
    taken.push_back({int(upload.getField()), std::string(View(upload.getName())), std::string(View(upload.getOriginalName())),
                     std::string(View(upload.getContentType())), upload.getSize(), std::string(View(upload.getKey()))});
    if (!tx.files() || !tx.files()->StillThere(taken.back().key)) return false;
  }
  record.SetUploads(std::move(taken));
  return true;
}

ApiResult<void> PlaceUploads(LaneTransaction& tx, const Record& record) {
  for (const RecordUpload& upload : record.uploads()) {
    const auto names = Names(record.value(upload.field));
    const std::string key = FileKey(record.collection().id, record.id(), upload.name);
    if (std::ranges::find(names, upload.name) == names.end()) continue;
    tx.effects().placed_files.push_back(key);
    if (upload.key == key) continue;
    FileKeeper* files = tx.files();
    if (!files) return Refuse(500);
    if (auto moved = files->Move(upload.key, key); !moved)
      return std::unexpected(WriteFailure(moved.error(), "Failed to store the uploaded files."));
    // The worker clears up under the key that it knows.
    tx.effects().after_error.push_back([files, key](const ApiError&) { files->Discard(key); });
  }
  return {};
}

void RemoveReplacedFiles(LaneTransaction& tx, const Record& record) {
  const Collection& collection = record.collection();
  for (std::size_t i = 0; i < collection.fields.size(); ++i) {
    if (collection.fields[i]->type() != "file") continue;
    const Json& before = record.Original(collection.fields[i]->name);
    if (before == record.value(int(i))) continue;
    const auto kept = Names(record.value(int(i)));
    for (const auto& name : Names(before))
      if (std::ranges::find(kept, name) == kept.end())
        tx.effects().removed_files.push_back(FileKey(collection.id, record.id(), name));
  }
}

void RemoveFilesOfRecord(LaneTransaction& tx, const Record& record) {
  if (HasFileField(record.collection()) && !record.id().empty())
    tx.effects().removed_files.push_back(RecordPrefix(record.collection().id, record.id()));
}

void RemoveFilesOfCollection(LaneTransaction& tx, const Collection& collection) {
  if (HasFileField(collection) && !collection.is_view()) tx.effects().removed_files.push_back(collection.id + "/");
}

}  // namespace wombat
