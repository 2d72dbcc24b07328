#include "detail/places.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "detail/picture_tensor.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

/// Black 0, mid-grey 1, white 4.
at::Tensor emphasis_of(const at::Tensor& grey) { return grey.mul(2.0).square_(); }

at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
  if (!a.defined()) return b;
  return b.defined() ? a * b : a;
}

}  // namespace

Places::Places(const Job& job, Size size, int margin_px)
    : job_(job), size_(size), margin_px_(margin_px) {
  if (job.content.has_alpha()) {
    opacity_ = widened(alpha_from_image(resized(job.content, size)));
  }
  if (!job.content_weight_mask.empty()) emphasis_ = emphasis_of(tensor_of(job.content_weight_mask));
  if (!job.untouched_mask.empty()) kept_ = tensor_of(job.untouched_mask);
}

std::vector<Place> Places::all_places() const {
  std::vector<size_t> unmasked;
  std::vector<std::pair<size_t, at::Tensor>> masked;
  at::Tensor sum;
  for (size_t i = 0; i < job_.styles.size(); ++i) {
    const Style& style = job_.styles[i];
    // A share of nothing is left out, so that 1,0 is exactly the first style alone.
    if (style.blend == 0.0) continue;
    if (!style.content_mask) {
      unmasked.push_back(i);
      continue;
    }
    masked.emplace_back(i, tensor_of(*style.content_mask));
    sum = sum.defined() ? sum + masked.back().second : masked.back().second;
  }
  std::vector<Place> places;
  if (!unmasked.empty()) {
    places.push_back(place_of(unmasked, sum.defined() ? (1.0 - sum).clamp_min_(0.0) : sum));
  }
  for (const auto& [index, mask] : masked) {
    places.push_back(place_of({index}, mask / sum.clamp_min(1.0)));
  }
  // In the order of the styles, whichever of them has a mask.
  std::sort(places.begin(), places.end(),
            [](const Place& a, const Place& b) { return a.styles.front() < b.styles.front(); });
  return places;
}

std::vector<Place> Places::of_styles() const {
  std::vector<Place> places = all_places();
  const bool only_one = places.size() == 1;
  std::erase_if(places, [](const Place& place) { return place.share == 0.0; });
  if (only_one && !places.empty()) places.front().name.clear();
  return places;
}

std::vector<size_t> Places::styles_without_place() const {
  std::vector<size_t> numbers;
  for (const Place& place : all_places()) {
    if (place.share > 0.0) continue;
    for (const size_t index : place.styles) numbers.push_back(index + 1);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

Place Places::place_of(std::vector<size_t> styles, const at::Tensor& pixels) const {
  Place place;
  for (const size_t index : styles) {
    if (!place.name.empty()) place.name += '+';
    place.name += std::to_string(index + 1);
  }
  place.styles = std::move(styles);
  const at::Tensor painted = kept_.defined() ? 1.0 - kept_ : kept_;
  const at::Tensor own = product(pixels, painted);
  place.pixels = product(own, opacity_);
  if (!own.defined()) return place;
  const double all = opacity_.defined() ? opacity_.sum(at::kDouble).item<double>()
                                        : static_cast<double>(own.numel());
  place.share = all > 0.0 ? place.pixels.sum(at::kDouble).item<double>() / all : 0.0;
  return place;
}

at::Tensor Places::widened(const at::Tensor& plane) const {
  return with_margin(plane.unsqueeze(2), margin_px_).squeeze(2);
}

at::Tensor Places::tensor_of(const Mask& mask) const {
  return widened(tensor_from_mask(mask, size_));
}

std::int64_t place_bytes_a_pixel(const Job& job) {
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
  // What is kept and where, and the picture that it is laid over.
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
      throw UsageError("--content-mask of style " + std::to_string(number) +
                       " is black everywhere: it would paint nowhere; paint its place white");
    }
    if (style.style_mask && is_black(*style.style_mask)) {
      throw UsageError("--style-mask of style " + std::to_string(number) +
                       " is black everywhere: nothing of the style would be taken; paint what to "
                       "take white");
    }
  }
  if (!job.content_weight_mask.empty() && is_black(job.content_weight_mask)) {
    throw UsageError(
        "--content-weight-mask is black everywhere: no content would count; use --content-weight "
        "0 for that");
  }
  if (!job.untouched_mask.empty() && is_white(job.untouched_mask)) {
    throw UsageError(
        "--untouched-mask is white everywhere: nothing would be painted; paint black what may "
        "change");
  }
}

}  // namespace styletransfer::detail
