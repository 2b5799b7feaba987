// Storage and output that date and autodate share: an instant's text, "" for none.  Behaviour: spec 02 §5.8, 06 §10.4.
#pragma once

#include "common/schema/fields/string_field.h"

namespace wombat {

class DateColumn : public StringField {
 public:
  Json FromCell(const Cell& cell) const override;
  Json Cast(const Json& submitted) const override;
  bool AppendCellJson(std::string& out, const Cell& cell) const override;
};

}  // namespace wombat
