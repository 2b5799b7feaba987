// A collection: what an application stores, who may see it, and how it is laid out as a table.
// Behaviour: spec 02 §1; stored form spec 06 §8.
//
// A Collection inside a Schema is immutable and shared by all who read that snapshot.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/json.h"
#include "common/schema/field.h"

namespace wombat {

enum class CollectionType { kBase, kAuth, kView };

// Null (absent) means superusers only, "" everyone.
using Rule = std::optional<std::string>;

struct TokenOptions {
  std::string secret;
  std::int64_t duration = 0;   // seconds
};
struct MailTemplate {
  std::string subject;
  std::string body;
};

// Options of an auth collection, typed where this version uses them. Key order as stored: spec 06 §7.3.
struct AuthOptions {
  Rule auth_rule = std::string();
  Rule manage_rule;
  struct { bool enabled = false; MailTemplate mail; } auth_alert;
  struct {
    bool enabled = false;
    Json providers;                       // array of provider objects, or null
    std::string mapped_id, mapped_name, mapped_username, mapped_avatar_url;
  } oauth2;
  struct { bool enabled = false; std::vector<std::string> identity_fields; bool identity_fields_null = false; } password_auth;
  struct { bool enabled = false; std::int64_t duration = 0; std::string rule; } mfa;
  struct { bool enabled = false; std::int64_t duration = 0; std::int64_t length = 0; MailTemplate mail; } otp;
  TokenOptions auth_token, password_reset_token, email_change_token, verification_token, file_token;
  MailTemplate verification_template, reset_password_template, confirm_email_change_template;
  Json unknown = Json::Object();          // keys of a newer version, kept
};

class Collection {
 public:
  Collection() = default;
  Collection(const Collection& other);                 // deep: fields are cloned
  Collection(Collection&&) noexcept = default;
  Collection& operator=(Collection&&) noexcept = default;

  std::string id;
  std::string name;
  CollectionType type = CollectionType::kBase;
  std::string raw_type = "base";                       // as stored: unknown types behave like base
  bool system = false;
  Rule list_rule, view_rule, create_rule, update_rule, delete_rule;
  std::vector<std::unique_ptr<Field>> fields;
  std::vector<std::string> indexes;
  std::string created, updated;
  AuthOptions auth;                                    // meaningful for kAuth
  std::string view_query;                              // meaningful for kView
  Json unknown_options = Json::Object();               // of base and view
  // Ends the names of the indexes that NewCollection made, until NormalizeCollection puts the generated id there.
  std::string scaffold_suffix;

  bool is_auth() const { return type == CollectionType::kAuth; }
  bool is_view() const { return type == CollectionType::kView; }
  bool is_superusers() const { return name == "_superusers"; }

  // -1 / null when absent. Field names are case-sensitive.
  int FieldIndex(std::string_view field_name) const;
  const Field* FindField(std::string_view field_name) const;
  const Field* FindFieldById(std::string_view field_id) const;
  Field* FindFieldById(std::string_view field_id);

  // True when exactly this one column (any case) has a UNIQUE index of its own; a partial one counts.
  bool HasSingleColumnUniqueIndex(std::string_view column) const;

  // What Schema computes once per snapshot, for the hot paths.
  struct OutputKey {
    enum class Kind { kField, kCollectionId, kCollectionName, kExpand };
    Kind kind;
    int field = -1;                                    // index into fields
    std::string prefix;                                // `"name":`
  };
  std::vector<OutputKey> output;                       // the keys of a record in ascending byte order, hidden ones included
  std::vector<int> columns_by_name;                    // field indexes in ascending byte order of their names
  int id_field = -1, email_field = -1, email_visibility_field = -1, token_key_field = -1, password_field = -1,
      verified_field = -1;
  std::string select_columns;                          // "`t`.`a`, `t`.`b`" in the order of `fields`
  void Prepare();                                      // fills all of the above; called by Schema
};

using CollectionPtr = std::shared_ptr<const Collection>;

std::string_view TypeName(CollectionType type);

// ---- JSON (spec 02 §1.1): the API form has no secrets, the stored options have them.
std::string CollectionToJson(const Collection& collection);          // wire text in the documented key order
std::string StoredFields(const Collection& collection);              // the three JSON columns of _collections
std::string StoredIndexes(const Collection& collection);
std::string StoredOptions(const Collection& collection);
// From the row's columns. Error: text that does not have the expected shape.
Result<Collection> CollectionFromStored(std::string id, bool system, std::string raw_type, std::string name,
                                        std::string_view fields, std::string_view indexes, std::string_view options);
// Applies a request body onto `collection` (spec 02 §1.3: nested objects merge, fields are replaced, keys match in any
// case). OAuth2 providers merge by NAME, not by position (Differences).
Result<void> ApplyCollectionBody(Collection& collection, const Json& body);
// Defaults, system fields and indexes of a new collection of this type (spec 02 §1.5, §1.2).
Collection NewCollection(CollectionType type);

}  // namespace wombat
