#include "loss/targets.h"

#include <ATen/ATen.h>

#include <memory>

#include "loss/style/style_losses.h"

namespace styletransfer {
namespace {

/// Hook that stores a layer's features, assembled from strips.
class FeatureProbe : public LayerHook {
 public:
  explicit FeatureProbe(int64_t rows) : rows_(rows) {}
  void accumulate(const at::Tensor& features, int64_t first_row) override {
    if (!features_.defined()) {
      features_ = at::empty({rows_, features.size(1), features.size(2)}, features.options());
    }
    features_.narrow(0, first_row, features.size(0)).copy_(features);
  }
  void add_gradient(const at::Tensor& /*features*/, int64_t /*first_row*/, bool /*through_relu*/,
                    at::Tensor& /*gradient*/) override {}
  at::Tensor take() { return std::move(features_); }

 private:
  int64_t rows_;
  at::Tensor features_;
};

}  // namespace

StyleTarget style_target(const FeatureNetwork& network, const std::vector<std::string>& layers,
                         const std::vector<StyleImage>& images, const ExecutionPlan& plan,
                         StyleLossKind kind) {
  StyleTarget target;
  for (const StyleImage& image : images) {
    // A share of 0 is skipped, so that the blend 1,0 is exactly the first style alone.
    if (image.blend == 0.0) continue;
    const LayerWeights weights = image.pixel_weights.defined()
                                     ? layer_weights(network, layers, image.pixel_weights)
                                     : LayerWeights();
    std::map<std::string, std::unique_ptr<detail::StyleProbe>> probes;
    LayerHooks hooks;
    for (const std::string& layer : layers) {
      probes[layer] = detail::make_style_probe(kind, weights_at(weights, layer));
      hooks.emplace(layer, probes[layer].get());
    }
    network.forward(image.rgb01, hooks, plan);
    for (auto& [layer, probe] : probes) {
      const at::Tensor taken = probe->take();
      const at::Tensor statistic =
          taken.to(taken.is_mps() ? at::kFloat : at::kDouble).mul_(image.blend);
      at::Tensor& sum = target[layer];
      sum = sum.defined() ? sum + statistic : statistic;
    }
  }
  return target;
}

ContentTarget content_target(const FeatureNetwork& network, const std::vector<std::string>& layers,
                             const at::Tensor& image_rgb01, const ExecutionPlan& plan) {
  std::map<std::string, FeatureProbe> probes;
  LayerHooks hooks;
  for (const std::string& layer : layers) {
    const auto shape = network.shape_of(layer, image_rgb01.size(0), image_rgb01.size(1));
    hooks.emplace(layer, &probes.try_emplace(layer, shape.height).first->second);
  }
  network.forward(image_rgb01, hooks, plan);
  ContentTarget target;
  for (auto& [layer, probe] : probes) target[layer] = probe.take();
  return target;
}

}  // namespace styletransfer
