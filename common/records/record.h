// One record in memory: a row's values in their fields' normal form.              Behaviour: spec 01 §2, 02 §5.
//
// Lists and views of rows do not build Records; they stream (records/row_json.h). A Record exists where values are
// changed, validated, handed to hooks or identify somebody. Belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/json.h"
#include "common/base/result.h"
#include "common/db/sqlite.h"
#include "common/schema/collection.h"

namespace wombat {

// A file that comes with a record, whose name is in one of its file fields.
struct RecordUpload {
  int field = -1;
  std::string name;                // as stored
  std::string original_name;       // the client's
  std::string content_type;        // of its content
  std::uint64_t size = 0;
  std::string key;                 // in the storage, once it is there
};

class Record {
 public:
  // A new record: every field at its zero value.
  explicit Record(CollectionPtr collection);

  const Collection& collection() const { return *collection_; }
  const CollectionPtr& collection_ptr() const { return collection_; }

  std::string_view id() const { return Text("id"); }
  bool is_new() const { return is_new_; }
  void MarkSaved() { is_new_ = false; }
  void MarkNew() { is_new_ = true; }

  // By field index, then by name; an unknown name reads as null and is not set.
  const Json& value(int field) const { return values_[std::size_t(field)]; }
  const Json& Get(std::string_view name) const;
  std::string_view Text(std::string_view name) const;      // "" unless the value is a string
  bool Bool(std::string_view name) const;
  double Number(std::string_view name) const;
  std::vector<std::string> List(std::string_view name) const;   // single values as one element, blank as none

  // Stores a value already in normal form.
  void SetRaw(int field, Json value) { values_[std::size_t(field)] = std::move(value); }
  // Casts and stores. A password field only remembers the plain text: hashing blocks, HashPasswords (passwords.h) does it.
  // Autodates are not set.
  void Set(std::string_view name, const Json& submitted);

  // The state this record was loaded with (blank for a new one).
  const std::vector<Json>& original() const { return original_; }
  const Json& Original(std::string_view name) const;
  void TakeAsOriginal() { original_ = values_; }

  // Plain password waiting to be hashed or just hashed, per password field; null when none was set.
  const std::string* PlainPassword(int field) const;
  // Drops the stored hash, which SetRaw or HashPasswords replaces. An empty text only remembers that a password was set
  // whose hash is already stored.
  void SetPlainPassword(int field, std::string plain);
  void ClearPlainPasswords() { plain_passwords_.clear(); }
  // True when hashing the plain text failed (over 72 bytes): validation reports it.
  bool password_failed(int field) const;
  void MarkPasswordFailed(int field);

  // Files that are new with this save. They are forgotten with it.
  const std::vector<RecordUpload>& uploads() const { return uploads_; }
  void SetUploads(std::vector<RecordUpload> uploads) { uploads_ = std::move(uploads); }
  const RecordUpload* FindUpload(std::string_view name) const;

  // From a row selected with Collection::select_columns, the first field at `first_column`.
  static Record FromRow(CollectionPtr collection, const Statement& row, int first_column = 0);

 private:
  struct PlainPassword_ {
    int field;
    std::string plain;
    bool failed = false;
  };
  void SetPassword(int field, std::string plain);

  CollectionPtr collection_;
  std::vector<Json> values_;
  std::vector<Json> original_;
  std::vector<PlainPassword_> plain_passwords_;
  std::vector<RecordUpload> uploads_;
  bool is_new_ = true;
};

}  // namespace wombat
