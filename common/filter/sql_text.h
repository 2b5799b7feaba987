// The building blocks of the SQL that expressions become. All of them append to a buffer.  Behaviour: spec 03 §6.
#pragma once

#include <string>
#include <string_view>

namespace wombat::filter {

// `name` in backticks.
void AppendName(std::string& out, std::string_view name);
// alias.`column`; `alias` is quoted already.
void AppendColumn(std::string& out, std::string_view alias, std::string_view column);

// json_each over a column that may hold a list, one value or text that is no JSON.
void AppendJsonEach(std::string& out, std::string_view alias, std::string_view column);
void AppendJsonLength(std::string& out, std::string_view alias, std::string_view column);
// `path` is "", ".key…" or "[n]…".
void AppendJsonExtract(std::string& out, std::string_view alias, std::string_view column, std::string_view path);

// One more step of a JSON path: all digits index an array, of other texts only the characters of names are kept.
void AppendJsonPathStep(std::string& path, std::string_view segment);

}  // namespace wombat::filter
