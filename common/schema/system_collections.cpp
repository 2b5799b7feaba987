#include "common/schema/system_collections.h"

#include "common/schema/change.h"
#include "common/schema/field_list.h"

namespace wombat {
namespace {

constexpr std::string_view kOwnerRule =
    "@request.auth.id != '' && recordRef = @request.auth.id && collectionRef = @request.auth.collectionId";
constexpr std::string_view kSelfRule = "id = @request.auth.id";
constexpr std::int64_t kSuperuserTokenSeconds = 24 * 60 * 60;
constexpr int kOtpPasswordCost = 8;  // a code lives for minutes: checking it may be cheap
constexpr int kMaxUserNameLength = 255;

void AddField(Collection& collection, Json options) { AddToFieldList(collection.fields, MakeKnownField(options)); }

void AddRequiredText(Collection& collection, std::string_view name) {
  AddField(collection, Json::Object({{"type", "text"}, {"name", name}, {"system", true}, {"required", true}}));
}

void AddDates(Collection& collection, bool system) {
  AddField(collection,
           Json::Object({{"type", "autodate"}, {"name", "created"}, {"system", system}, {"onCreate", true}}));
  AddField(
      collection,
      Json::Object(
          {{"type", "autodate"}, {"name", "updated"}, {"system", system}, {"onCreate", true}, {"onUpdate", true}}));
}

// A collection whose records belong to an auth record.
Collection NewOwned(std::string_view name) {
  Collection collection = NewCollection(CollectionType::kBase);
  collection.name = name;
  collection.system = true;
  collection.list_rule = collection.view_rule = std::string(kOwnerRule);
  AddRequiredText(collection, "collectionRef");
  AddRequiredText(collection, "recordRef");
  return collection;
}

Collection Complete(Collection collection) {
  static const Schema nothing_yet({});
  NormalizeCollection(collection, nullptr, nothing_yet);
  return collection;
}

Collection Mfas() {
  Collection collection = NewOwned("_mfas");
  AddRequiredText(collection, "method");
  AddDates(collection, true);
  collection.indexes = {"CREATE INDEX `idx_mfas_collectionRef_recordRef` ON `_mfas` (collectionRef,recordRef)"};
  return Complete(std::move(collection));
}

Collection Otps() {
  Collection collection = NewOwned("_otps");
  AddField(collection, Json::Object({{"type", "password"},
                                     {"name", "password"},
                                     {"system", true},
                                     {"hidden", true},
                                     {"required", true},
                                     {"cost", kOtpPasswordCost}}));
  AddField(collection, Json::Object({{"type", "text"}, {"name", "sentTo"}, {"system", true}, {"hidden", true}}));
  AddDates(collection, true);
  collection.indexes = {"CREATE INDEX `idx_otps_collectionRef_recordRef` ON `_otps` (collectionRef, recordRef)"};
  return Complete(std::move(collection));
}

Collection ExternalAuths() {
  Collection collection = NewOwned("_externalAuths");
  collection.delete_rule = std::string(kOwnerRule);
  AddRequiredText(collection, "provider");
  AddRequiredText(collection, "providerId");
  AddDates(collection, true);
  collection.indexes = {
      "CREATE UNIQUE INDEX `idx_externalAuths_record_provider` ON `_externalAuths` (collectionRef, recordRef, "
      "provider)",
      "CREATE UNIQUE INDEX `idx_externalAuths_collection_provider` ON `_externalAuths` "
      "(collectionRef, provider, providerId)"};
  return Complete(std::move(collection));
}

Collection AuthOrigins() {
  Collection collection = NewOwned("_authOrigins");
  collection.delete_rule = std::string(kOwnerRule);
  AddRequiredText(collection, "fingerprint");
  AddDates(collection, true);
  collection.indexes = {
      "CREATE UNIQUE INDEX `idx_authOrigins_unique_pairs` ON `_authOrigins` (collectionRef, recordRef, fingerprint)"};
  return Complete(std::move(collection));
}

Collection Superusers() {
  Collection collection = NewCollection(CollectionType::kAuth);
  collection.name = "_superusers";
  collection.system = true;
  collection.auth.auth_token.duration = kSuperuserTokenSeconds;
  AddDates(collection, true);
  return Complete(std::move(collection));
}

Collection Users() {
  Collection collection = NewCollection(CollectionType::kAuth);
  collection.name = "users";
  collection.id = "_pb_users_auth_";
  // Made anew by Complete, which names them after this id instead of a generated one.
  collection.indexes.clear();
  collection.list_rule = collection.view_rule = collection.update_rule = collection.delete_rule =
      std::string(kSelfRule);
  collection.create_rule = "";
  AddField(collection, Json::Object({{"type", "text"}, {"name", "name"}, {"max", kMaxUserNameLength}}));
  const Json images = Json::Array{"image/jpeg", "image/png", "image/svg+xml", "image/gif", "image/webp"};
  AddField(collection, Json::Object({{"type", "file"}, {"name", "avatar"}, {"maxSelect", 1}, {"mimeTypes", images}}));
  AddDates(collection, false);
  collection.auth.oauth2.mapped_name = "name";
  collection.auth.oauth2.mapped_avatar_url = "avatar";
  return Complete(std::move(collection));
}

}  // namespace

std::vector<Collection> FreshCollections() {
  std::vector<Collection> collections;
  collections.push_back(Mfas());
  collections.push_back(Otps());
  collections.push_back(ExternalAuths());
  collections.push_back(AuthOrigins());
  collections.push_back(Superusers());
  collections.push_back(Users());
  return collections;
}

}  // namespace wombat
