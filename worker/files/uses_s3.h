// Whether the settings move the files of records to a bucket.                              Behaviour: spec 05 §2.6.
#pragma once

#include "common/settings/settings.h"

namespace wombat {

// What is kept there is not looked for, and nothing is put into, the data directory.
inline bool UsesS3(const Settings& settings) {
  const Json* s3 = settings.document().Find("s3");
  return s3 && s3->BoolOr("enabled");
}

}  // namespace wombat
