// Statements that a superuser typed.                                                             Behaviour: spec 05 §7.1.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/db/sqlite.h"

namespace wombat {

struct ScriptResult {
  struct Column {
    std::string name, type;                                 // type: as declared, upper-cased; "" for expressions
  };
  std::vector<Column> columns;                              // of the last statement
  std::vector<std::vector<std::optional<std::string>>> rows;
  std::int64_t changed = 0;                                 // rows that the last statement changed
};

// Runs all statements of the text; of the last one `max_rows` rows are kept, all are computed only as far as that. Error:
// the text that database drivers print, with SQLite's code behind.
std::expected<ScriptResult, std::string> RunScript(Connection& connection, const std::string& script, std::size_t max_rows);

// {{name}} and [[name]] are quoted names; a {:name} has no value here. Error: such a one, or nothing but blanks.
std::expected<std::string, std::string> PrepareScript(std::string_view text);

// By its first word, as the reference decides.
bool IsWritingScript(std::string_view script);

}  // namespace wombat
