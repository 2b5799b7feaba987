// Scales images with libvips, which is loaded with the first one: a worker that makes no thumbs has no memory of it.
//                                                                                        Behaviour: spec 05 §2.3.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "worker/files/thumb_size.h"

namespace wombat {

// Past these an image is an attack and gets no thumb.
inline constexpr std::int64_t kMaxThumbPixels = 100'000'000;
inline constexpr std::chrono::seconds kThumbTimeLimit{20};

struct ScaledImage {
  std::string content;
  std::string content_type;
};

// `image`: PNG, JPEG, GIF or WebP; of several frames the first. Turned as its EXIF data says. The result is a JPEG for
// image/jpeg, a GIF for image/gif, and else a PNG. Blocks; safe on any thread. Error: it cannot be read or is too large.
Result<ScaledImage> ScaleImage(std::string_view image, std::string_view content_type, const ThumbSize& size);

}  // namespace wombat
