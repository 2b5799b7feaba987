#include "common/storage/attributes.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "common/base/json.h"
#include "common/base/json_text.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxOriginalName = 255;
constexpr std::size_t kPiece = 256u << 10;

std::string Base64(const unsigned char* digest, unsigned int size) {
  unsigned char text[2 * EVP_MAX_MD_SIZE];
  const int length = EVP_EncodeBlock(text, digest, int(size));
  return {reinterpret_cast<char*>(text), std::size_t(length)};
}

}  // namespace

std::string ContentMd5(std::string_view content) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(content.data(), content.size(), digest, &size, EVP_md5(), nullptr);
  return Base64(digest, size);
}

Result<std::string> FileMd5(int file, std::uint64_t size) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (!context || !EVP_DigestInit_ex(context.get(), EVP_md5(), nullptr)) return Fail("no MD5 can be computed");
  const auto piece = std::make_unique_for_overwrite<char[]>(kPiece);
  for (std::uint64_t done = 0; done < size;) {
    const ssize_t got = ::pread(file, piece.get(), std::min<std::uint64_t>(kPiece, size - done), off_t(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Fail(std::string("cannot read a file: ") + std::strerror(errno));
    if (got == 0) return Fail("a file is shorter than expected");
    EVP_DigestUpdate(context.get(), piece.get(), std::size_t(got));
    done += std::uint64_t(got);
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int digest_size = 0;
  EVP_DigestFinal_ex(context.get(), digest, &digest_size);
  return Base64(digest, digest_size);
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
