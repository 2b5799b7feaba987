#include "common/schema/fields/list_field.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "common/base/json_text.h"
#include "common/schema/fields/cells.h"

namespace wombat {
namespace {

// Walks `["a","b"]` as it is stored: no blanks, no escapes. Next() false with `ok` set: the end was reached.
class PlainArrayReader {
 public:
  explicit PlainArrayReader(std::string_view text) : text_(text) {
    ok_ = text_.size() >= 2 && text_.front() == '[' && text_.back() == ']';
    at_ = 1;
  }
  bool Next(std::string_view& item) {
    if (!ok_ || at_ == text_.size() - 1) return false;
    const std::size_t end = text_[at_] == '"' ? text_.find('"', at_ + 1) : std::string_view::npos;
    if (end == std::string_view::npos || end == at_ + 1) return Stop();  // no string, or an empty one
    item = text_.substr(at_ + 1, end - at_ - 1);
    for (unsigned char c : item) {
      if (c < 0x20 || c == '\\') return Stop();
      needs_escape_ |= c >= 0x7f || c == '<' || c == '>' || c == '&';
    }
    at_ = end + 1;
    const bool last = at_ == text_.size() - 1;
    if (!last && (text_[at_++] != ',' || at_ == text_.size() - 1)) return Stop();
    return true;
  }
  bool ok() const { return ok_; }
  bool needs_escape() const { return needs_escape_; }

 private:
  bool Stop() { return ok_ = false; }
  std::string_view text_;
  std::size_t at_ = 1;
  bool ok_ = false;
  bool needs_escape_ = false;
};

// Past this many items their distinctness is not worth deciding without a hash table.
constexpr std::size_t kMaxScannedItems = 32;

// Prints a stored array that is already what would be printed. False: it needs the whole treatment; nothing was
// appended.
bool AppendPlainArray(std::string& out, std::string_view text) {
  PlainArrayReader reader(text);
  std::array<std::string_view, kMaxScannedItems> items;
  std::size_t count = 0;
  for (std::string_view item; reader.Next(item);) {
    if (count == items.size()) return false;
    const auto end = items.begin() + std::ptrdiff_t(count);
    if (std::find(items.begin(), end, item) != end) return false;
    items[count++] = item;
  }
  if (!reader.ok()) return false;
  if (!reader.needs_escape()) {
    out += text;
    return true;
  }
  if (!IsUtf8(text)) return false;
  for (std::size_t i = 0; i < count; ++i) {
    out += i == 0 ? '[' : ',';
    AppendJsonString(out, items[i]);
  }
  out += ']';
  return true;
}

void AppendArray(std::string& out, const std::vector<std::string>& items) {
  out += '[';
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ',';
    AppendJsonString(out, items[i]);
  }
  out += ']';
}

}  // namespace

std::string ListField::ColumnDefinition() const {
  return multiple() ? "JSON DEFAULT '[]' NOT NULL" : "TEXT DEFAULT '' NOT NULL";
}

Json ListField::Normalize(std::vector<std::string> items) const {
  if (multiple()) return items;
  return items.empty() ? Json("") : Json(std::move(items.back()));
}

Json ListField::FromCell(const Cell& cell) const {
  std::string scratch;
  return Normalize(CastToList(CellText(cell, scratch)));
}

SqlValue ListField::ToColumn(const Json& value) const {
  if (!multiple()) return std::string(StringOf(value));
  std::string text;
  AppendArray(text, CastToList(value));
  return text;
}

std::optional<Json> ListField::ApplyModifier(Modifier modifier, const Json& current, const Json& operand) const {
  std::vector<std::string> items = Items(current);
  std::vector<std::string> given = Items(operand);
  switch (modifier) {
    case Modifier::kAppend:
      items.insert(items.end(), given.begin(), given.end());
      break;
    case Modifier::kPrepend:
      items.insert(items.begin(), given.begin(), given.end());
      break;
    case Modifier::kRemove: {
      const std::unordered_set<std::string_view> removed(given.begin(), given.end());
      std::erase_if(items, [&](const std::string& item) { return removed.contains(item); });
      break;
    }
    default:
      return std::nullopt;
  }
  return Normalize(CastToList(Json(items)));
}

void ListField::AppendJson(std::string& out, const Json& value) const {
  if (!multiple()) return AppendJsonString(out, StringOf(value));
  if (value.is_array()) return value.AppendTo(out);
  AppendArray(out, CastToList(value));
}

bool ListField::AppendCellJson(std::string& out, const Cell& cell) const {
  std::string scratch;
  const std::string_view text = CellText(cell, scratch);
  if (!multiple() && text.find('[') == std::string_view::npos) {
    AppendJsonString(out, text);
    return true;
  }
  if (multiple() && text.empty()) {
    out += "[]";
    return true;
  }
  if (multiple() && AppendPlainArray(out, text)) return true;
  AppendJson(out, Normalize(CastToList(text)));
  return true;
}

bool ListField::IsBlank(const Json& value) const {
  return value.is_array() ? value.as_array().empty() : StringOf(value).empty();
}

}  // namespace wombat
