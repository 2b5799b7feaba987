// Whose file a record of a view shows: the record it was copied from.                      Behaviour: spec 05 §2.1, 02 §8.6.
#pragma once

#include <string>
#include <string_view>

#include "common/db/sqlite.h"
#include "common/schema/schema.h"

namespace wombat {

struct FileOrigin {
  std::string collection_id, record_id;
};

// `view`'s file field holds the name of a file. kNotFound: no record of a collection that is no view holds it.
Result<FileOrigin> FindFileOrigin(Connection& reader, const Schema& schema, const Collection& view, std::string_view field,
                                  std::string_view file_name);

}  // namespace wombat
