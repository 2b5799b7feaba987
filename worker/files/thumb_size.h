// "WxH", "WxHt", "WxHb", "WxHf", "0xH" and "Wx0": what a thumb of an image looks like.      Behaviour: spec 05 §2.3.
#pragma once

#include <optional>
#include <string_view>

namespace wombat {

struct ThumbSize {
  enum class Mode { kCrop, kCropTop, kCropBottom, kFit };
  int width = 0, height = 0;       // one of them may be 0: it follows from the other
  Mode mode = Mode::kCrop;
};
// nullopt: no size, or one past what an image may have.
std::optional<ThumbSize> ParseThumbSize(std::string_view text);

// An image of some size on its way to a thumb: scaled to exactly `scaled`, then a part of it is taken.
struct ThumbPlan {
  int scaled_width = 0, scaled_height = 0;
  int left = 0, top = 0;
  int width = 0, height = 0;
};
ThumbPlan PlanThumb(const ThumbSize& size, int image_width, int image_height);

}  // namespace wombat
