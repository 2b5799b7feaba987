// Which bucket, and how its objects are addressed.                                        Behaviour: spec 05 §2.6.
#pragma once

#include <string>
#include <string_view>

#include "common/base/json.h"
#include "common/base/result.h"

namespace wombat {

struct S3Options {
  std::string endpoint;            // with its scheme, without a "/" at the end
  std::string bucket, region, access_key, secret;
  bool path_style = false;

  bool operator==(const S3Options&) const = default;

  // From that member of the settings, which says that it is enabled. Error: something is missing.
  static Result<S3Options> FromSettings(const Json& s3);

  // `key` "": the bucket itself.
  std::string Url(std::string_view key) const;
};

// An object's name in the bucket, and the key that a name stands for.
std::string KeyToObjectName(std::string_view key);
std::string ObjectNameToKey(std::string_view name);

// Percent-encoding as signatures have it: all but letters, digits and "-._~"; "/" stays in paths.
std::string EncodeS3Path(std::string_view text);
std::string EncodeS3Query(std::string_view text);
// … and as the client's name of a file is written into a header.
std::string EncodeS3Metadata(std::string_view text);

}  // namespace wombat
