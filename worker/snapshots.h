// The schema and settings that this worker answers from, reloaded when the shared page says that they changed.
//                                                                            design.md, "A collection change".
#pragma once

#include <string>

#include "common/app/app.h"
#include "common/base/shared_page.h"
#include "common/db/sqlite.h"
#include "common/schema/schema.h"
#include "common/settings/settings.h"

namespace wombat {

class Snapshots {
 public:
  // With an application its OnSettingsReload handlers run around each change of the settings but the first load.
  Snapshots(Connection& reader, SharedPage& page, std::string encryption_env, App* app = nullptr)
      : reader_(reader), page_(page), encryption_env_(std::move(encryption_env)), app_(app) {}

  // Compares the generations (two loads); reloads what moved. Called at the start of each request, so that a change which
  // was acknowledged to a client is seen by that client's next request. An Error leaves the old snapshot in place.
  Result<void> Refresh();

  const SchemaPtr& schema() const { return schema_; }
  const SettingsPtr& settings() const { return settings_; }

 private:
  Connection& reader_;
  SharedPage& page_;
  std::string encryption_env_;
  App* app_;
  SchemaPtr schema_;
  SettingsPtr settings_;
};

}  // namespace wombat
