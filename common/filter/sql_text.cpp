#include "common/filter/sql_text.h"

#include <algorithm>

#include "common/filter/identifier.h"

namespace wombat::filter {

void AppendName(std::string& out, std::string_view name) {
  out += '`';
  for (const char c : name) {
    if (c == '`') out += c;
    out += c;
  }
  out += '`';
}

void AppendColumn(std::string& out, std::string_view alias, std::string_view column) {
  out += alias;
  out += '.';
  AppendName(out, column);
}

namespace {

// CASE WHEN <c is a JSON array> THEN c ELSE
void AppendArrayOr(std::string& out, std::string_view alias, std::string_view column) {
  out += "CASE WHEN iif(json_valid(";
  AppendColumn(out, alias, column);
  out += "),json_type(";
  AppendColumn(out, alias, column);
  out += ")='array',FALSE) THEN ";
  AppendColumn(out, alias, column);
  out += " ELSE ";
}

}  // namespace

void AppendJsonEach(std::string& out, std::string_view alias, std::string_view column) {
  out += "json_each(";
  AppendArrayOr(out, alias, column);
  out += "json_array(";
  AppendColumn(out, alias, column);
  out += ") END)";
}

void AppendJsonLength(std::string& out, std::string_view alias, std::string_view column) {
  out += "json_array_length(";
  AppendArrayOr(out, alias, column);
  out += "CASE WHEN ";
  AppendColumn(out, alias, column);
  out += "='' OR ";
  AppendColumn(out, alias, column);
  out += " IS NULL THEN json_array() ELSE json_array(";
  AppendColumn(out, alias, column);
  out += ") END END)";
}

void AppendJsonExtract(std::string& out, std::string_view alias, std::string_view column, std::string_view path) {
  out += "CASE WHEN json_valid(";
  AppendColumn(out, alias, column);
  out += ") THEN json_extract(";
  AppendColumn(out, alias, column);
  out += ",'$";
  out += path;
  out += "') ELSE json_extract(json_object('pb',";
  AppendColumn(out, alias, column);
  out += "),'$.pb";
  out += path;
  out += "') END";
}

void AppendJsonPathStep(std::string& path, std::string_view segment) {
  if (!segment.empty() && std::ranges::all_of(segment, [](char c) { return c >= '0' && c <= '9'; })) {
    path += '[';
    path += segment;
    path += ']';
    return;
  }
  path += '.';
  for (const char c : segment) {
    if (IsWordCharacter(c) || c == '.' || c == '*' || c == '@' || c == '#' || c == '-') path += c;
  }
}

}  // namespace wombat::filter
