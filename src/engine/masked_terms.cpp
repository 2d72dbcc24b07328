#include "engine/masked_terms.h"

#include <ATen/ATen.h>

#include <utility>

#include "device/image_tensor.h"

namespace styletransfer::detail {
namespace {

LayerWeights at_layers(const FeatureNetwork& network, const std::vector<std::string>& layers,
                       const at::Tensor& pixels) {
  return pixels.defined() ? layer_weights(network, layers, pixels) : LayerWeights();
}

}  // namespace

ContentTerm content_term(const Job& job, const FeatureNetwork& network,
                         const at::Tensor& content_rgb01, const StyleMasks& style_masks,
                         const ExecutionPlan& plan) {
  const std::vector<std::string>& layers = job.loss.content_layers;
  return {content_target(network, layers, content_rgb01, plan),
          at_layers(network, layers, style_masks.opacity()),
          at_layers(network, layers, style_masks.content_weight_map())};
}

std::vector<StyleTerm> style_terms(const Job& job, const FeatureNetwork& network,
                                   const StyleMasks& style_masks, StyleTargets& targets,
                                   int pass_px, std::int64_t limit_bytes) {
  std::vector<StyleTerm> terms;
  for (const StyleMask& style_mask : style_masks.masks()) {
    std::vector<Style> styles;
    styles.reserve(style_mask.styles.size());
    for (const size_t index : style_mask.styles) styles.push_back(job.styles[index]);
    terms.push_back({style_mask.name, targets.of(styles, job.loss, network, pass_px, limit_bytes),
                     at_layers(network, job.loss.style_layers, style_mask.pixels),
                     style_mask.share});
  }
  return terms;
}

std::optional<UntouchedPixels> untouched_pixels(const at::Tensor& content_rgb01,
                                                const StyleMasks& style_masks, c10::Device device) {
  if (!style_masks.untouched().defined()) return {};
  return UntouchedPixels{content_rgb01.to(device), style_masks.untouched().unsqueeze(2).to(device)};
}

Image with_untouched(const Job& job, Image image, const Image& content) {
  const auto untouched =
      untouched_pixels(tensor_from_image(content), StyleMasks(job, image.size, 0), c10::kCPU);
  if (!untouched) return image;
  Image result = image_from_tensor(untouched->laid_over(tensor_from_image(image)));
  result.alpha01 = std::move(image.alpha01);
  return result;
}

}  // namespace styletransfer::detail
