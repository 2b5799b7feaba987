// What select, relation and file share: one string, or with maxSelect > 1 a list of distinct ones.
// Behaviour: spec 02 §5 (list cast), §5.10 (modifiers), 06 §11.
#pragma once

#include "common/schema/field.h"

namespace wombat {

class ListField : public Field {
 public:
  std::int64_t max_select = 0;

  std::string ColumnDefinition() const override;
  bool multiple() const override { return max_select > 1; }
  Json FromCell(const Cell& cell) const override;
  SqlValue ToColumn(const Json& value) const override;
  Json ZeroValue() const override { return multiple() ? Json::List() : Json(""); }
  Json Cast(const Json& submitted) const override { return Normalize(Items(submitted)); }
  std::optional<Json> ApplyModifier(Modifier modifier, const Json& current, const Json& operand) const override;
  void AppendJson(std::string& out, const Json& value) const override;
  bool AppendCellJson(std::string& out, const Cell& cell) const override;
  bool IsBlank(const Json& value) const override;

 protected:
  // The distinct non-empty strings of anything submitted or stored.
  virtual std::vector<std::string> Items(const Json& value) const { return CastToList(value); }
  std::int64_t limit() const { return std::max<std::int64_t>(max_select, 1); }

 private:
  // All items of a multiple field, the last one of a single field.
  Json Normalize(std::vector<std::string> items) const;
};

}  // namespace wombat
