#include "worker/http/submitted_form.h"

#include <utility>

#include "worker/http/form_parts.h"

namespace wombat {
namespace {

class WholeBody final : public FormParts {
 public:
  void OnFileContent(std::string_view content, bool lasts) override {
    UploadedFile& file = form_.files.back();
    if (lasts && file.size == 0) {
      file.content = content;
    } else {
      if (file.size == 0) form_.kept.push_back(std::make_unique<std::string>());
      file.content = form_.kept.back()->append(content);
    }
    file.size += content.size();
  }
};

}  // namespace

void FormParts::Fail(ApiError error) {
  if (!form_.error) form_.error = std::move(error);
}

bool FormParts::Unreadable(std::string reason) {
  Fail({400, {}, Json::Object(), std::move(reason)});
  return false;
}

bool FormParts::OnPart(MultipartPart part) {
  part_ = std::move(part);
  decoder_ = {};
  text_.clear();
  skipped_ = part_.name.empty();
  is_file_ = !skipped_ && !part_.file_name.empty();
  if (is_file_) {
    UploadedFile& file = form_.files.emplace_back();
    file.key = std::move(part_.name);
    file.file_name = std::move(part_.file_name);
    file.content_type = std::move(part_.content_type);
  } else if (!skipped_) {
    value_bytes_ += part_.name.size();
  }
  return true;
}

bool FormParts::OnContent(std::string_view content) {
  if (!skipped_ && !is_file_) {
    value_bytes_ += content.size();
    if (value_bytes_ > kMaxFormValueBytes) return Unreadable("the form's values are too large");
  }
  if (!part_.quoted_printable) return TakeContent(content, true);
  decoded_.clear();
  if (!decoder_.Decode(content, false, decoded_)) return Unreadable("malformed quoted-printable part");
  return TakeContent(decoded_, false);
}

bool FormParts::TakeContent(std::string_view content, bool lasts) {
  if (content.empty() || skipped_) return true;
  if (is_file_)
    OnFileContent(content, lasts);
  else
    text_.append(content);
  return true;
}

bool FormParts::OnPartEnd() {
  if (part_.quoted_printable) {
    decoded_.clear();
    if (!decoder_.Decode({}, true, decoded_)) return Unreadable("malformed quoted-printable part");
    TakeContent(decoded_, false);
  }
  if (is_file_) {
    OnFileEnd();
  } else if (!skipped_) {
    if (value_bytes_ > kMaxFormValueBytes) return Unreadable("the form's values are too large");
    form_.values[std::move(part_.name)].push_back(std::exchange(text_, {}));
  }
  return true;
}

void FormParts::Finish(const MultipartParser& parser) {
  if (parser.failed()) Fail({400, {}, Json::Object(), "multipart: " + parser.error()});
}

SubmittedForm ReadForm(std::string_view body, std::string_view boundary) {
  WholeBody parts;
  MultipartParser parser(boundary, parts);
  parser.Parse(body, true);
  parts.Finish(parser);
  return std::move(parts.form());
}

}  // namespace wombat
