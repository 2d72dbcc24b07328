#include "engine/style_target_cache.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "device/image_tensor.h"
#include "engine/memory_plan.h"
#include "loss/targets.h"
#include "styletransfer/loss_options.h"
#include "vgg/features.h"

namespace styletransfer::detail {
namespace {

// A run has three to six sizes. Their Gram matrices, of the default layers, take 2.5 MB per size.
constexpr size_t kMinEntries = 6;
constexpr size_t kMaxBytes = size_t{32} << 20;

size_t bytes_of(const StyleTarget& target) {
  size_t bytes = 0;
  for (const auto& [layer, statistic] : target) bytes += statistic.nbytes();
  return bytes;
}

std::vector<double> normalised_blend(const std::vector<Style>& styles) {
  double sum = 0.0;
  for (const Style& style : styles) sum += style.blend;
  std::vector<double> blend;
  blend.reserve(styles.size());
  for (const Style& style : styles) blend.push_back(style.blend / sum);
  return blend;
}

/// Weight of each pixel of a style image; undefined: all equal.
at::Tensor pixel_weights(const Image& image, const Mask* mask) {
  at::Tensor alpha = alpha_from_image(image);
  if (mask == nullptr) return alpha;
  at::Tensor weights = tensor_from_mask(*mask, image.size);
  return alpha.defined() ? weights.mul_(alpha) : weights;
}

StyleTarget compute(const std::vector<Style>& styles, const std::vector<double>& blend,
                    const LossOptions& loss, const FeatureNetwork& network, int pass_px,
                    std::int64_t limit_bytes) {
  std::vector<StyleImage> images;
  ExecutionPlan plan;
  for (size_t i = 0; i < styles.size(); ++i) {
    const Size size = style_size(styles[i], pass_px);
    const ExecutionPlan own = plan_forward(network, size, limit_bytes);
    if (own.blocks.size() > plan.blocks.size()) plan = own;
    const Image image = resized(*styles[i].image, size);
    images.push_back({tensor_from_image(fill_transparent(image)),
                      pixel_weights(image, styles[i].style_mask.get()), blend[i]});
  }
  return style_target(network, loss.style_layers, images, plan, loss.style_loss);
}

}  // namespace

Size style_size(const Style& style, int pass_px) {
  return size_with_long_edge(style.image->size, style_long_edge_px(pass_px, style.scale));
}

StyleTarget StyleTargets::of(const std::vector<Style>& styles, const LossOptions& loss,
                             const FeatureNetwork& network, int pass_px, std::int64_t limit_bytes) {
  const std::vector<double> blend = normalised_blend(styles);
  Key key{{}, loss.style_layers, loss.style_loss, pass_px};
  for (size_t i = 0; i < styles.size(); ++i) {
    key.parts.push_back({{styles[i].image}, {styles[i].style_mask}, styles[i].scale, blend[i]});
  }
  const std::lock_guard lock(mutex_);
  const auto known = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  if (known != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, known);
    return entries_.front().target;
  }
  StyleTarget target = compute(styles, blend, loss, network, pass_px, limit_bytes);
  entries_.push_front({std::move(key), std::move(target)});
  forget_the_oldest();
  return entries_.front().target;
}

void StyleTargets::forget_the_oldest() {
  size_t bytes = 0;
  for (const Entry& entry : entries_) bytes += bytes_of(entry.target);
  while (entries_.size() > kMinEntries && bytes > kMaxBytes) {
    bytes -= bytes_of(entries_.back().target);
    entries_.pop_back();
  }
}

}  // namespace styletransfer::detail
