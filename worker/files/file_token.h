// Short-lived tokens that open protected files.                                           Behaviour: spec 05 §2.2, 04 §2.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/db/sqlite.h"
#include "common/records/record.h"
#include "common/schema/schema.h"

namespace wombat {

std::string IssueFileToken(const Record& record);

// Whose valid file token this is; null: nobody's.
std::shared_ptr<const Record> FindByFileToken(std::string_view token, const Schema& schema, Connection& reader);

}  // namespace wombat
