// A field of a collection: its options, how a value is cast, validated, stored, read and printed.
// Behaviour: spec 02 §5 (types), 01 §2.9 (casting, validation), 06 §8 (options JSON), §11 (storage).
//
// One class a type, one file a class in fields/; MakeField (registry.cpp) creates them by name.
// A Field is immutable once its collection is part of a Schema, and then safe on any thread.
//
// A field value is a Json in the type's normal form:
//   text email url editor date autodate     string ("" is the zero value; dates in the form of time.h)
//   password                                string: the bcrypt hash; the plain text lives in Record only
//   number                                  number              bool     bool
//   select relation file, single            string              multiple array of strings
//   json                                    null, or a STRING holding the JSON text itself
//   geoPoint                                object with the numbers lon and lat
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/json.h"
#include "common/base/result.h"
#include "common/db/sqlite.h"

namespace wombat {

class Collection;
class Schema;
class Record;

// What a value's validation may ask of the world. Implemented over a connection by records/validate.cpp.
class ValidationContext {
 public:
  virtual ~ValidationContext() = default;
  virtual const Schema& schema() const = 0;
  virtual const Record& record() const = 0;                       // the record under validation
  // How many of these distinct ids exist in the collection's table.
  virtual Result<std::size_t> CountExisting(const Collection& collection, const std::vector<std::string>& ids) = 0;
  // An id of the record's own table that equals `id` ignoring case.
  virtual Result<bool> IdExistsIgnoringCase(std::string_view id) = 0;
};

// What the validation of a field's options may ask. `stored` is the collection as it is stored, null on create.
struct SettingsContext {
  const Schema& schema;
  const Collection& collection;    // the new state
  const Collection* stored;
};

class Field {
 public:
  virtual ~Field() = default;
  virtual std::unique_ptr<Field> Clone() const = 0;

  // ---- options common to all types
  std::string id;
  std::string name;
  std::string help;
  bool system = false;
  bool hidden = false;
  bool presentable = false;
  bool required = false;
  // Option keys that this version does not know, kept and written back as they came (a newer reference's directory).
  Json unknown_options = Json::Object();

  virtual std::string_view type() const = 0;

  // ---- options <-> JSON (keys sorted, all always written; spec 06 §8)
  Json OptionsJson() const;                                        // the whole fields[] object
  // Reads a fields[] object over the defaults. Key matching is case-insensitive, null keeps the default, a wrong JSON
  // type fails ("max": 255.0 too: integers are strict).
  Result<void> LoadOptions(const Json& object);

  // ---- storage
  virtual std::string ColumnDefinition() const = 0;                // "TEXT DEFAULT '' NOT NULL"
  // maxSelect > 1 of select, relation, file: the column holds a JSON array.
  virtual bool multiple() const { return false; }
  virtual Json FromCell(const Cell& cell) const = 0;               // lenient (06 §11), any storage class
  virtual SqlValue ToColumn(const Json& value) const = 0;
  virtual Json ZeroValue() const = 0;

  // ---- input
  virtual Json Cast(const Json& submitted) const = 0;              // never an error
  // A key "field+", "+field", "field-" or "field:autogenerate" of the body: `modifier` is "+", "+…"/"…+" told apart as
  // kPrepend/kAppend. Returns nullopt when the type has no such modifier.
  enum class Modifier { kAppend, kPrepend, kRemove, kAutogenerate };
  virtual std::optional<Json> ApplyModifier(Modifier modifier, const Json& current, const Json& operand) const;
  // The value to put in for an empty one when a record is created (text's autogeneratePattern); nullopt for none.
  virtual std::optional<Json> AutogenerateOnCreate(const Json& current) const;

  // ---- output
  virtual void AppendJson(std::string& out, const Json& value) const = 0;
  // The same straight from a row: the hot path of list and view. Must print what AppendJson(FromCell(cell)) prints.
  // Returns false when the cell makes the record unreadable (geoPoint, 06 §11).
  virtual bool AppendCellJson(std::string& out, const Cell& cell) const = 0;

  // ---- checks
  // Zero values count as blank for `required`; each type tells its own.
  virtual bool IsBlank(const Json& value) const = 0;
  // The first failed check, or nullopt. An Error is a failing query.
  virtual Result<std::optional<FieldError>> Validate(const Json& value, ValidationContext& context) const = 0;
  // Adds every failing option under `path` ("fields.2"); the options common to all types are checked by the caller.
  virtual void ValidateSettings(const SettingsContext& context, const std::string& path, Json& errors) const = 0;

  // autodate: stamp now on create / update. File, relation, json … : false.
  virtual bool StampsOnCreate() const { return false; }
  virtual bool StampsOnUpdate() const { return false; }

 protected:
  // One option of a type: how it is read from and written to JSON. Types declare theirs in OptionTable().
  struct Option {
    std::string_view key;
    std::function<Json(const Field&)> write;
    std::function<Result<void>(Field&, const Json&)> read;   // never called with null
  };
  virtual const std::vector<Option>& OptionTable() const = 0;
  virtual bool has_help_and_required() const { return true; }     // false for autodate only
};

// Null for an unknown type name.
std::unique_ptr<Field> MakeField(std::string_view type);
// All type names in the reference's order.
const std::vector<std::string_view>& FieldTypes();
// From a fields[] object. Error: "missing or unknown field type in <raw json>" or the JSON decode error.
Result<std::unique_ptr<Field>> FieldFromJson(const Json& object);

// The casts of spec 02 §5 (table "Scalar casts", "List cast"), shared by types and by other chapters.
std::string CastToText(const Json& value);
double CastToNumber(const Json& value);
bool CastToBool(const Json& value);
std::vector<std::string> CastToList(const Json& value);
// A float as the reference's number parser reads it (hex with p, underscores, Inf, NaN …); nullopt when it is none.
std::optional<double> ParseLooseNumber(std::string_view text);

}  // namespace wombat
