#include "common/base/random.h"
#include "common/base/text.h"
#include "common/base/time.h"
#include "common/schema/change.h"
#include "common/schema/field_list.h"
#include "common/schema/index.h"

namespace wombat {
namespace {

constexpr int kLastIdSuffix = 999;
constexpr std::size_t kMaxIndexNameBytes = 64;
constexpr std::size_t kSecretLength = 50;

std::string GeneratedId(const Collection& collection, const Schema& schema) {
  const std::string base = "pbc_" + Crc32Decimal(collection.raw_type + collection.name);
  std::string id = base;
  for (int suffix = 2; suffix <= kLastIdSuffix && schema.FindById(id); ++suffix) id = base + std::to_string(suffix);
  return id;
}

// The indexes that came with the scaffold are named after the generated id, even when the client chose its own.
void NameScaffoldIndexes(Collection& collection, std::string_view generated_id) {
  if (collection.scaffold_suffix.empty()) return;
  for (std::string& sql : collection.indexes) {
    IndexDefinition index = ParseIndex(sql);
    if (index.name.find(collection.scaffold_suffix) == std::string::npos) continue;
    index.name = ReplaceAll(std::move(index.name), collection.scaffold_suffix, generated_id);
    if (index.name.size() > kMaxIndexNameBytes) index.name.resize(kMaxIndexNameBytes);
    index.table = collection.name;
    if (index.IsValid()) sql = index.Build();
  }
  collection.scaffold_suffix.clear();
}

void NameIndexTables(Collection& collection) {
  for (std::string& sql : collection.indexes) {
    IndexDefinition index = ParseIndex(sql);
    if (index.table == collection.name) continue;
    index.table = collection.name;
    if (index.IsValid()) sql = index.Build();
  }
}

// A view's fields follow from its query alone; submitted ones do not count. Those of a new query are told from the
// database: by the validation and the save.
void TakeViewFields(Collection& collection, const Collection* stored) {
  collection.fields.clear();
  if (!stored || !stored->is_view() || stored->view_query != collection.view_query) return;
  for (const auto& field : stored->fields) collection.fields.push_back(field->Clone());
}

void ClearUnknownMappedFields(Collection& collection) {
  auto& oauth2 = collection.auth.oauth2;
  for (std::string* mapped :
       {&oauth2.mapped_id, &oauth2.mapped_name, &oauth2.mapped_username, &oauth2.mapped_avatar_url}) {
    if (!mapped->empty() && !collection.FindField(*mapped)) mapped->clear();
  }
}

}  // namespace

void NormalizeCollection(Collection& collection, const Collection* stored, const Schema& schema) {
  if (collection.raw_type.empty()) {
    collection.type = CollectionType::kBase;
    collection.raw_type = TypeName(CollectionType::kBase);
  }
  collection.updated = NowText();
  if (!stored) {
    collection.created = collection.updated;
    const std::string generated = GeneratedId(collection, schema);
    if (collection.id.empty()) collection.id = generated;
    NameScaffoldIndexes(collection, generated);
  }

  if (collection.is_view()) TakeViewFields(collection, stored);
  RebuildFieldList(collection.fields);
  EnsureSystemFields(collection);
  NameIndexTables(collection);
  if (!collection.is_auth()) return;
  EnsureAuthIndexes(collection, collection.id);
  ClearUnknownMappedFields(collection);
}

void ForceOptions(Collection& collection, const Collection* stored) {
  if (!collection.is_auth()) return;
  if (stored && stored->is_auth() && stored->auth.auth_rule != collection.auth.auth_rule) {
    collection.auth.auth_token.secret = RandomText(kSecretLength);
  }
  if (!collection.is_superusers()) return;
  collection.auth.oauth2.enabled = false;
  collection.auth.oauth2.providers = nullptr;
  collection.auth.password_auth.enabled = true;
  if (collection.auth.otp.enabled) collection.auth.mfa.enabled = true;
}

}  // namespace wombat
