#include "detail/regions.h"

#include <ATen/ATen.h>

#include <utility>

#include "detail/picture_tensor.h"

namespace styletransfer::detail {
namespace {

LayerWeights at_layers(const FeatureNetwork& network, const std::vector<std::string>& layers,
                       const at::Tensor& pixels) {
  return pixels.defined() ? layer_weights(network, layers, pixels) : LayerWeights();
}

}  // namespace

ContentAim content_aim(const Job& job, const FeatureNetwork& network,
                       const at::Tensor& content_rgb01, const Places& places,
                       const SweepPlan& plan) {
  const std::vector<std::string>& layers = job.loss.content_layers;
  return {content_target(network, layers, content_rgb01, plan),
          at_layers(network, layers, places.opacity()),
          at_layers(network, layers, places.emphasis())};
}

std::vector<StyleRegion> style_regions(const Job& job, const FeatureNetwork& network,
                                       const Places& places, StyleTargets& targets, int pass_px,
                                       std::int64_t limit_bytes) {
  std::vector<StyleRegion> regions;
  for (const Place& place : places.of_styles()) {
    std::vector<Style> styles;
    styles.reserve(place.styles.size());
    for (const size_t index : place.styles) styles.push_back(job.styles[index]);
    regions.push_back({place.name, targets.of(styles, job.loss, network, pass_px, limit_bytes),
                       at_layers(network, job.loss.style_layers, place.pixels), place.share});
  }
  return regions;
}

std::optional<KeptPlaces> kept_places(const at::Tensor& content_rgb01, const Places& places,
                                      c10::Device device) {
  if (!places.kept().defined()) return {};
  return KeptPlaces{content_rgb01.to(device), places.kept().unsqueeze(2).to(device)};
}

Image with_untouched(const Job& job, Image picture, const Image& content) {
  const auto kept =
      kept_places(tensor_from_image(content), Places(job, picture.size, 0), c10::kCPU);
  if (!kept) return picture;
  Image result = image_from_tensor(kept->laid_over(tensor_from_image(picture)));
  result.alpha01 = std::move(picture.alpha01);
  return result;
}

}  // namespace styletransfer::detail
