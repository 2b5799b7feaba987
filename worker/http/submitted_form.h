// What a multipart body holds, however it was read.                                        Behaviour: spec 01 §1.6.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/app/http.h"
#include "common/base/result.h"
#include "worker/http/form_values.h"

namespace wombat {

// Values of a multipart form together, @jsonPayload included.
inline constexpr std::size_t kMaxFormValueBytes = 26u << 20;

struct SubmittedForm {
  FormValues values;
  std::vector<UploadedFile> files;
  std::vector<std::unique_ptr<std::string>> kept;  // contents of files that are views into nothing else
  std::optional<ApiError> error;                   // then the rest means nothing
};

// A body that is in memory as a whole: files are views into it.
SubmittedForm ReadForm(std::string_view body, std::string_view boundary);

}  // namespace wombat
