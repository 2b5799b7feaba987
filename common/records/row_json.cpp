#include "common/records/row_json.h"

#include "common/base/json_text.h"

namespace wombat {
namespace {

// The same walk for both sources. A Source knows the values of one record; what it is asked for here comes first, what
// costs something only when a record's own e-mail field is reached.
template <class Source>
bool AppendObject(std::string& out, const Collection& collection, const Source& source, const Visibility& visibility,
                  std::string_view expand_json) {
  const bool is_auth = collection.is_auth();
  char separator = '{';
  const auto begin = [&](const std::string& prefix) {
    out.push_back(separator);
    separator = ',';
    out += prefix;
  };
  for (const Collection::OutputKey& key : collection.output) {
    switch (key.kind) {
      case Collection::OutputKey::Kind::kField:
        if (collection.fields[std::size_t(key.field)]->hidden && !visibility.superuser) break;
        if (is_auth && (key.field == collection.password_field || key.field == collection.token_key_field)) break;
        if (is_auth && key.field == collection.email_field && !source.EmailIsVisible(visibility)) break;
        begin(key.prefix);
        if (!source.AppendValue(out, key.field)) return false;
        break;
      case Collection::OutputKey::Kind::kCollectionId:
        begin(key.prefix);
        AppendJsonString(out, collection.id);
        break;
      case Collection::OutputKey::Kind::kCollectionName:
        begin(key.prefix);
        AppendJsonString(out, collection.name);
        break;
      case Collection::OutputKey::Kind::kExpand:
        if (expand_json.empty()) break;
        begin(key.prefix);
        out += expand_json;
        break;
    }
  }
  out += separator == '{' ? "{}" : "}";
  return true;
}

bool OwnerOrManagerSees(const Visibility& visibility, std::string_view record_id) {
  if (!visibility.viewer_id.empty() && visibility.viewer_id == record_id) return true;
  return visibility.manages && visibility.manages(record_id);
}

class RowSource {
 public:
  RowSource(const Collection& collection, const Statement& row, int first_column)
      : collection_(collection), row_(row), first_column_(first_column) {}

  bool AppendValue(std::string& out, int field) const {
    return collection_.fields[std::size_t(field)]->AppendCellJson(out, CellOf(field));
  }

  bool EmailIsVisible(const Visibility& visibility) const {
    if (visibility.superuser || EmailIsPublic()) return true;
    return OwnerOrManagerSees(visibility, collection_.id_field < 0 ? "" : CellOf(collection_.id_field).text());
  }

 private:
  bool EmailIsPublic() const {
    const int field = collection_.email_visibility_field;
    if (field < 0) return false;
    const Cell cell = CellOf(field);
    if (cell.type() == SQLITE_INTEGER) return cell.integer() != 0;
    const Json value = collection_.fields[std::size_t(field)]->FromCell(cell);
    return value.is_bool() && value.as_bool();
  }

  Cell CellOf(int field) const { return row_.cell(first_column_ + field); }

  const Collection& collection_;
  const Statement& row_;
  int first_column_;
};

class RecordSource {
 public:
  explicit RecordSource(const Record& record) : record_(record) {}

  bool AppendValue(std::string& out, int field) const {
    record_.collection().fields[std::size_t(field)]->AppendJson(out, record_.value(field));
    return true;
  }

  bool EmailIsVisible(const Visibility& visibility) const {
    return visibility.superuser || record_.Bool("emailVisibility") || OwnerOrManagerSees(visibility, record_.id());
  }

 private:
  const Record& record_;
};

}  // namespace

bool AppendRowJson(std::string& out, const Collection& collection, const Statement& row, int first_column,
                   const Visibility& visibility, std::string_view expand_json) {
  return AppendObject(out, collection, RowSource(collection, row, first_column), visibility, expand_json);
}

void AppendRecordJson(std::string& out, const Record& record, const Visibility& visibility,
                      std::string_view expand_json) {
  AppendObject(out, record.collection(), RecordSource(record), visibility, expand_json);
}

}  // namespace wombat
