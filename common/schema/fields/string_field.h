// What the types whose value is one string share: text, editor, email, url, date, autodate, password.
#pragma once

#include "common/schema/field.h"

namespace wombat {

class StringField : public Field {
 public:
  std::string ColumnDefinition() const override { return "TEXT DEFAULT '' NOT NULL"; }
  Json FromCell(const Cell& cell) const override;
  SqlValue ToColumn(const Json& value) const override;
  Json ZeroValue() const override { return ""; }
  Json Cast(const Json& submitted) const override { return CastToText(submitted); }
  void AppendJson(std::string& out, const Json& value) const override;
  bool AppendCellJson(std::string& out, const Cell& cell) const override;
  bool IsBlank(const Json& value) const override;
};

}  // namespace wombat
