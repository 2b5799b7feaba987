#include "common/storage/attributes.h"

#include <openssl/evp.h>

#include "common/base/json.h"
#include "common/base/json_text.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxOriginalName = 255;

}  // namespace

std::string ContentMd5(std::string_view content) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(content.data(), content.size(), digest, &size, EVP_md5(), nullptr);
  unsigned char text[2 * EVP_MAX_MD_SIZE];
  const int length = EVP_EncodeBlock(text, digest, int(size));
  return {reinterpret_cast<char*>(text), std::size_t(length)};
}

std::string AttributesText(std::string_view content_type, std::string_view original_name, std::string_view md5) {
  std::string text = R"({"user.cache_control":"","user.content_disposition":"","user.content_encoding":"",)"
                     R"("user.content_language":"","user.content_type":)";
  AppendJsonString(text, content_type);
  text += R"(,"user.metadata":)";
  if (original_name.empty()) {
    text += "null";
  } else {
    text += R"({"original-filename":)";
    AppendJsonString(text, original_name.substr(0, kMaxOriginalName));
    text += '}';
  }
  text += R"(,"md5":)";
  AppendJsonString(text, md5);
  text += "}\n";
  return text;
}

Result<std::string> ContentTypeOf(std::string_view attributes) {
  auto parsed = ParseJson(attributes, false);
  if (!parsed || !parsed->is_object()) return Fail("the attributes of a stored file cannot be read");
  return parsed->StringOr("user.content_type");
}

}  // namespace wombat
