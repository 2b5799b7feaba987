#include "worker/files/thumb_size.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace wombat {
namespace {

constexpr int kMaxSide = 16384;

bool TakeNumber(std::string_view& text, int& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data() || number < 0 || number > kMaxSide) return false;
  text.remove_prefix(std::size_t(end - text.data()));
  return true;
}

int Rounded(double side) { return std::clamp(int(std::floor(side + 0.5)), 1, kMaxSide); }

}  // namespace

std::optional<ThumbSize> ParseThumbSize(std::string_view text) {
  ThumbSize size;
  if (text.starts_with('-') || !TakeNumber(text, size.width) || !text.starts_with('x')) return std::nullopt;
  text.remove_prefix(1);
  if (text.starts_with('-') || !TakeNumber(text, size.height) || (size.width == 0 && size.height == 0)) return std::nullopt;
  if (text == "t")
    size.mode = ThumbSize::Mode::kCropTop;
  else if (text == "b")
    size.mode = ThumbSize::Mode::kCropBottom;
  else if (text == "f")
    size.mode = ThumbSize::Mode::kFit;
  else if (!text.empty())
    return std::nullopt;
  return size;
}

ThumbPlan PlanThumb(const ThumbSize& size, int image_width, int image_height) {
  const double width = image_width, height = image_height;
  ThumbPlan plan;
  if (size.width == 0 || size.height == 0) {
    plan.scaled_width = size.width ? size.width : Rounded(size.height * width / height);
    plan.scaled_height = size.height ? size.height : Rounded(size.width * height / width);
  } else if (size.mode == ThumbSize::Mode::kFit) {
    plan.scaled_width = image_width;
    plan.scaled_height = image_height;
    if (image_width > size.width || image_height > size.height) {
      // Whichever side would stick out is the one that is given; the other is cut to whole pixels.
      const bool by_width = width / height > double(size.width) / size.height;
      plan.scaled_width = by_width ? size.width : std::max(1, int(size.height * width / height));
      plan.scaled_height = by_width ? std::max(1, int(size.width * height / width)) : size.height;
    }
  } else {
    const double scale = std::max(size.width / width, size.height / height);
    plan.width = size.width;
    plan.height = size.height;
    plan.scaled_width = std::max(size.width, Rounded(width * scale));
    plan.scaled_height = std::max(size.height, Rounded(height * scale));
    plan.left = (plan.scaled_width - size.width) / 2;
    const int spare = plan.scaled_height - size.height;
    plan.top = size.mode == ThumbSize::Mode::kCropTop ? 0 : size.mode == ThumbSize::Mode::kCropBottom ? spare : spare / 2;
    return plan;
  }
  plan.width = plan.scaled_width;
  plan.height = plan.scaled_height;
  return plan;
}

}  // namespace wombat
