// Request bodies of every format; the first byte chooses it. Files must be views into the body or into decoded parts.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "worker/http/body.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  constexpr std::string_view kTypes[] = {"multipart/form-data; boundary=x", "application/x-www-form-urlencoded",
                                         "application/json"};
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  wombat::HttpRequest request;
  request.method = "POST";
  request.has_body = true;
  request.body = input;
  std::string_view type = kTypes[data[0] % 3];
  if (data[0] >= 128) {  // the type and the query come from the input as well
    const auto line = input.find('\n');
    type = input.substr(0, line);
    request.body = line == std::string_view::npos ? std::string_view() : input.substr(line + 1);
    request.query = type;
  }
  request.headers.push_back({"Content-Type", type});
  const auto body = wombat::ParseBody(request);
  if (!body) {
    if (body.error().status != 400) std::abort();
    return 0;
  }
  if (!body->values.is_object()) std::abort();
  for (const auto& file : body->files) {
    bool inside = file.content.empty() ||
                  (file.content.data() >= request.body.data() &&
                   file.content.data() + file.content.size() <= request.body.data() + request.body.size());
    for (const auto& decoded : body->decoded)
      inside = inside || std::string_view(*decoded).data() == file.content.data();
    if (!inside || file.key.empty() || file.file_name.empty()) std::abort();
  }
  return 0;
}
