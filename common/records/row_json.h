// Writes records as the API shows them, straight from rows or from Record objects.      Behaviour: spec 01 §2.16.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/db/sqlite.h"
#include "common/records/record.h"
#include "common/schema/collection.h"

namespace wombat {

// Who is looking: decides what may be seen. `email_visible` is asked only when emailVisibility itself does not show it.
struct Visibility {
  bool superuser = false;                  // sees hidden fields and every e-mail
  std::string_view viewer_id;              // the auth record's id, "" for a guest: an owner sees the own e-mail
  std::function<bool(std::string_view record_id)> manages;   // the collection's manageRule holds for it; may be empty
};

// `row` was selected with collection.select_columns, its first field at `first_column`. `expand_json` is the text of the
// expand object, "" for none. False: a cell makes the record unreadable (06 §11).
bool AppendRowJson(std::string& out, const Collection& collection, const Statement& row, int first_column,
                   const Visibility& visibility, std::string_view expand_json = {});

void AppendRecordJson(std::string& out, const Record& record, const Visibility& visibility,
                      std::string_view expand_json = {});

}  // namespace wombat
