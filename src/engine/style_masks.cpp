#include "engine/style_masks.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "device/image_tensor.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

/// Black 0, mid-gray 1, white 4.
at::Tensor content_weight_map_of(const at::Tensor& gray) { return gray.mul(2.0).square_(); }

at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
  if (!a.defined()) return b;
  return b.defined() ? a * b : a;
}

}  // namespace

StyleMasks::StyleMasks(const Job& job, Size size, int margin_px)
    : job_(job), size_(size), margin_px_(margin_px) {
  if (job.content.has_alpha()) {
    opacity_ = padded(alpha_from_image(resized(job.content, size)));
  }
  if (!job.content_weight_mask.empty())
    content_weight_map_ = content_weight_map_of(tensor_of(job.content_weight_mask));
  if (!job.untouched_mask.empty()) untouched_ = tensor_of(job.untouched_mask);
}

std::vector<StyleMask> StyleMasks::all_style_masks() const {
  std::vector<size_t> unmasked;
  std::vector<std::pair<size_t, at::Tensor>> masked;
  at::Tensor sum;
  for (size_t i = 0; i < job_.styles.size(); ++i) {
    const Style& style = job_.styles[i];
    // Skips weights of 0, so that a blend of 1,0 is exactly the first style alone.
    if (style.blend == 0.0) continue;
    if (!style.content_mask) {
      unmasked.push_back(i);
      continue;
    }
    masked.emplace_back(i, tensor_of(*style.content_mask));
    sum = sum.defined() ? sum + masked.back().second : masked.back().second;
  }
  std::vector<StyleMask> style_masks;
  if (!unmasked.empty()) {
    style_masks.push_back(
        style_mask_of(unmasked, sum.defined() ? (1.0 - sum).clamp_min_(0.0) : sum));
  }
  for (const auto& [index, mask] : masked) {
    style_masks.push_back(style_mask_of({index}, mask / sum.clamp_min(1.0)));
  }
  // Ordered by style, whether or not a style has a mask.
  std::sort(style_masks.begin(), style_masks.end(), [](const StyleMask& a, const StyleMask& b) {
    return a.styles.front() < b.styles.front();
  });
  return style_masks;
}

std::vector<StyleMask> StyleMasks::masks() const {
  std::vector<StyleMask> style_masks = all_style_masks();
  const bool only_one = style_masks.size() == 1;
  std::erase_if(style_masks, [](const StyleMask& style_mask) { return style_mask.share == 0.0; });
  if (only_one && !style_masks.empty()) style_masks.front().name.clear();
  return style_masks;
}

std::vector<size_t> StyleMasks::styles_without_pixels() const {
  std::vector<size_t> numbers;
  for (const StyleMask& style_mask : all_style_masks()) {
    if (style_mask.share > 0.0) continue;
    for (const size_t index : style_mask.styles) numbers.push_back(index + 1);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

StyleMask StyleMasks::style_mask_of(std::vector<size_t> styles, const at::Tensor& pixels) const {
  StyleMask style_mask;
  for (const size_t index : styles) {
    if (!style_mask.name.empty()) style_mask.name += '+';
    style_mask.name += std::to_string(index + 1);
  }
  style_mask.styles = std::move(styles);
  const at::Tensor with_style = untouched_.defined() ? 1.0 - untouched_ : untouched_;
  const at::Tensor own = product(pixels, with_style);
  style_mask.pixels = product(own, opacity_);
  if (!own.defined()) return style_mask;
  const double all = opacity_.defined() ? opacity_.sum(at::kDouble).item<double>()
                                        : static_cast<double>(own.numel());
  style_mask.share = all > 0.0 ? style_mask.pixels.sum(at::kDouble).item<double>() / all : 0.0;
  return style_mask;
}

at::Tensor StyleMasks::padded(const at::Tensor& plane) const {
  return with_margin(plane.unsqueeze(2), margin_px_).squeeze(2);
}

at::Tensor StyleMasks::tensor_of(const Mask& mask) const {
  return padded(tensor_from_mask(mask, size_));
}

std::int64_t mask_bytes_per_pixel(const Job& job) {
  constexpr std::int64_t kPlane = 4;
  // A plane, and its copies at the sizes of the layers: a third more.
  constexpr std::int64_t kWeights = 2 * kPlane + 2;
  const auto regions = std::any_of(job.styles.begin(), job.styles.end(),
                                   [](const Style& style) { return style.content_mask != nullptr; })
                           ? static_cast<std::int64_t>(job.styles.size())
                           : (job.content.has_alpha() || !job.untouched_mask.empty() ? 1 : 0);
  std::int64_t bytes = regions * kWeights;
  if (job.content.has_alpha()) bytes += kWeights;
  if (!job.content_weight_mask.empty()) bytes += kWeights;
  // The untouched mask, and the image that it is composited onto.
  if (!job.untouched_mask.empty()) bytes += 2 * kPlane + 2 * 3 * kPlane;
  return bytes;
}

bool has_masks(const Job& job) {
  return !job.untouched_mask.empty() || !job.content_weight_mask.empty() ||
         std::any_of(job.styles.begin(), job.styles.end(), [](const Style& style) {
           return style.content_mask != nullptr || style.style_mask != nullptr;
         });
}

void check_masks(const Job& job) {
  size_t number = 0;
  for (const Style& style : job.styles) {
    ++number;
    if (style.content_mask && is_black(*style.content_mask)) {
      throw UsageError(option("content_mask") + " of style " + std::to_string(number) +
                       " is black everywhere: it would paint nowhere; paint its place white");
    }
    if (style.style_mask && is_black(*style.style_mask)) {
      throw UsageError(option("style_mask") + " of style " + std::to_string(number) +
                       " is black everywhere: nothing of the style would be taken; paint what to "
                       "take white");
    }
  }
  if (!job.content_weight_mask.empty() && is_black(job.content_weight_mask)) {
    throw UsageError(option("content_weight_mask") +
                     " is black everywhere: no content would count; use " +
                     option("content_weight", "0") + " for that");
  }
  if (!job.untouched_mask.empty() && is_white(job.untouched_mask)) {
    throw UsageError(option("untouched_mask") +
                     " is white everywhere: nothing would be painted; paint black what may change");
  }
}

}  // namespace styletransfer::detail
