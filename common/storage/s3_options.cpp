#include "common/storage/s3_options.h"

#include <cstdio>

#include "common/storage/object_key.h"

namespace wombat {
namespace {

std::string Encode(std::string_view text, std::string_view also_kept) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      also_kept.find(c) != std::string_view::npos;
    if (kept) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4];
    encoded += kDigits[byte & 15];
  }
  return encoded;
}

}  // namespace

Result<S3Options> S3Options::FromSettings(const Json& s3) {
  S3Options options;
  options.endpoint = s3.StringOr("endpoint");
  options.bucket = s3.StringOr("bucket");
  options.region = s3.StringOr("region");
  options.access_key = s3.StringOr("accessKey");
  options.secret = s3.StringOr("secret");
  options.path_style = s3.BoolOr("forcePathStyle");
  if (options.bucket.empty()) return Fail("missing S3 bucket name", Error::Kind::kInvalidInput);
  if (options.endpoint.empty()) return Fail("missing S3 endpoint", Error::Kind::kInvalidInput);
  if (options.region.empty()) return Fail("missing S3 region", Error::Kind::kInvalidInput);
  if (options.endpoint.find("://") == std::string::npos) options.endpoint.insert(0, "https://");
  while (options.endpoint.ends_with('/')) options.endpoint.pop_back();
  return options;
}

std::string S3Options::Url(std::string_view key) const {
  const std::string path = "/" + EncodeS3Path(KeyToObjectName(key));
  if (path_style) return endpoint + "/" + EncodeS3Path(bucket) + path;
  const auto host = endpoint.find("://") + 3;
  return endpoint.substr(0, host) + bucket + "." + endpoint.substr(host) + path;
}

std::string KeyToObjectName(std::string_view key) {
  std::string name;
  name.reserve(key.size());
  for (std::size_t i = 0; i < key.size(); ++i) {
    const auto c = static_cast<unsigned char>(key[i]);
    const bool leads_up = c == '/' && i >= 2 && key[i - 1] == '.' && key[i - 2] == '.';
    if (c >= 32 && !leads_up) {
      name += key[i];
      continue;
    }
    char escaped[16];
    name.append(escaped, std::size_t(std::snprintf(escaped, sizeof escaped, "__0x%x__", c)));
  }
  return name;
}

std::string ObjectNameToKey(std::string_view name) { return PathToKey(name); }

std::string EncodeS3Path(std::string_view text) { return Encode(text, "-._~/"); }
std::string EncodeS3Query(std::string_view text) { return Encode(text, "-._~"); }
std::string EncodeS3Metadata(std::string_view text) { return Encode(text, "-._~$&+=:@"); }

}  // namespace wombat
