#include "common/db/sql_script.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <memory>

#include "common/base/text.h"

namespace wombat {
namespace {

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using OwnStatement = std::unique_ptr<sqlite3_stmt, Finalize>;

std::string DriverText(sqlite3* handle) {
  const int code = sqlite3_extended_errcode(handle), primary = code & 0xff;
  const std::string message = sqlite3_errmsg(handle), kind = sqlite3_errstr(primary);
  const std::string prefix = primary == SQLITE_ERROR        ? "SQL logic error"
                             : primary == SQLITE_CONSTRAINT ? "constraint failed"
                                                            : kind;
  return (message == kind ? prefix : prefix + ": " + message) + " (" + std::to_string(code) + ")";
}

// Shortest digits that read back; plain where the decimal exponent is from -4 to 5.
std::string RealText(double value) {
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char digits[64];
  const auto scientific = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific);
  const std::string text(digits, scientific.ptr);
  const auto exponent_at = text.find('e');
  const int exponent = std::atoi(text.c_str() + exponent_at + 1);
  if (exponent < -4 || exponent >= 6) return text;
  const auto fixed = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed);
  return {digits, fixed.ptr};
}

std::optional<std::string> CellText(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL: return std::nullopt;
    case SQLITE_INTEGER: return std::to_string(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT: return RealText(sqlite3_column_double(statement, column));
    default: break;
  }
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
  return std::string(bytes ? bytes : "", std::size_t(sqlite3_column_bytes(statement, column)));
}

std::string UpperType(const char* declared) {
  std::string type = declared ? declared : "";
  std::ranges::transform(type, type.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
  return type;
}

ScriptResult Describe(sqlite3_stmt* statement) {
  ScriptResult result;
  for (int i = 0; i < sqlite3_column_count(statement); ++i)
    result.columns.push_back({sqlite3_column_name(statement, i), UpperType(sqlite3_column_decltype(statement, i))});
  return result;
}

std::expected<ScriptResult, std::string> RunStatement(sqlite3* handle, sqlite3_stmt* statement, std::size_t max_rows) {
  ScriptResult result = Describe(statement);
  const std::int64_t before = sqlite3_total_changes64(handle);
  const bool reads = sqlite3_stmt_readonly(statement) != 0;
  for (;;) {
    const int step = sqlite3_step(statement);
    if (step == SQLITE_DONE) break;
    if (step != SQLITE_ROW) return std::unexpected(DriverText(handle));
    if (result.rows.size() == max_rows) {
      // The rest of a statement that writes still has to be done.
      if (reads) break;
      continue;
    }
    auto& row = result.rows.emplace_back();
    for (int i = 0; i < sqlite3_column_count(statement); ++i) row.push_back(CellText(statement, i));
  }
  if (sqlite3_total_changes64(handle) != before) result.changed = sqlite3_changes64(handle);
  return result;
}

bool IsNameCharacter(char c) { return c == '-' || c == '.' || c == ' ' || IsWordText({&c, 1}); }

// The length of "{{name}}" or "[[name]]" at `at`; 0: there is none.
std::size_t QuotedNameLength(std::string_view text, std::size_t at, std::string_view open, std::string_view close) {
  if (text.substr(at, 2) != open) return 0;
  std::size_t end = at + 2;
  while (end < text.size() && IsNameCharacter(text[end])) ++end;
  return end > at + 2 && text.substr(end, 2) == close ? end + 2 - at : 0;
}

std::string QuotePath(std::string_view path) {
  std::string quoted;
  for (std::string_view part : Split(path, '.')) {
    if (!quoted.empty()) quoted += '.';
    quoted += part == "*" ? std::string(part) : QuoteName(part);
  }
  return quoted;
}

}  // namespace

std::expected<ScriptResult, std::string> RunScript(Connection& connection, const std::string& script, std::size_t max_rows) {
  ScriptResult last;
  sqlite3* handle = connection.handle();
  const char* const end = script.data() + script.size();
  for (const char* next = script.data(); next < end;) {
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(handle, next, int(end - next), &prepared, &next) != SQLITE_OK) return std::unexpected(DriverText(handle));
    OwnStatement statement(prepared);
    if (!statement) continue;                               // blanks, a comment
    auto result = RunStatement(handle, statement.get(), max_rows);
    if (!result) return result;
    last = std::move(*result);
  }
  return last;
}

std::expected<std::string, std::string> PrepareScript(std::string_view text) {
  text = TrimBlanks(text);
  if (text.empty()) return std::unexpected("empty query");
  std::string script;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at, 2) == "{:") {
      std::size_t end = at + 2;
      while (end < text.size() && IsWordText(text.substr(end, 1))) ++end;
      if (end > at + 2 && text.substr(end, 1) == "}")
        return std::unexpected("Named parameter not found: " + std::string(text.substr(at + 2, end - at - 2)));
    }
    std::size_t length = QuotedNameLength(text, at, "{{", "}}");
    if (length == 0) length = QuotedNameLength(text, at, "[[", "]]");
    if (length > 0) script += QuotePath(text.substr(at + 2, length - 4));
    else script += text[at];
    at += std::max<std::size_t>(length, 1);
  }
  return script;
}

bool IsWritingScript(std::string_view script) {
  constexpr std::array<std::string_view, 8> kWords = {"insert", "create", "update", "delete",
                                                      "drop",   "detach", "alter",  "replace"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return EqualsIgnoreCase(script.substr(0, word.size()), word); });
}

}  // namespace wombat
