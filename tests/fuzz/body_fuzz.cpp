// Request bodies of every format; the first byte chooses it. Files must be views into the body or into decoded parts, and
// a form that arrives in pieces must be understood like one that is there as a whole.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "worker/http/body.h"
#include "worker/http/form_reader.h"

namespace {

// What is understood must not depend on how the bytes were cut.
void ComparePieces(std::string_view type, std::string_view body, std::size_t step, const wombat::SubmittedForm& whole) {
  wombat::FormReader reader(type, "/tmp");
  while (!body.empty()) {
    const auto piece = body.substr(0, step);
    body.remove_prefix(piece.size());
    if (!reader.Append(piece.data(), piece.size())) std::abort();
    reader.Read(false);
    reader.Write();
  }
  reader.Read(true);
  reader.Write();
  const wombat::SubmittedForm& form = reader.form();
  if (form.error.has_value() != whole.error.has_value()) std::abort();
  if (form.error) return;
  if (form.values != whole.values || form.files.size() != whole.files.size()) std::abort();
  for (std::size_t i = 0; i < form.files.size(); ++i) {
    const auto &a = form.files[i], &b = whole.files[i];
    if (a.key != b.key || a.file_name != b.file_name || a.content_type != b.content_type || a.size != b.size) std::abort();
    if (!a.spooled && a.content != b.content) std::abort();
  }
}

}  // namespace

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
  if (const auto media = type.starts_with("multipart/form-data; boundary=") ? type.substr(30) : std::string_view();
      !media.empty() && media.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string_view::npos)
    ComparePieces(type, request.body, 1 + data[0] % 64, wombat::ReadForm(request.body, media));
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
    for (const auto& decoded : body->kept)
      inside = inside || std::string_view(*decoded).data() == file.content.data();
    if (!inside || file.key.empty() || file.file_name.empty()) std::abort();
  }
  return 0;
}
