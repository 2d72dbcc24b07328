#include "loss/feature_loss.h"

#include <ATen/ATen.h>

#include "kernels/elementwise.h"

namespace styletransfer {

at::Tensor weights_at(const LayerWeights& weights, const std::string& layer) {
  const auto found = weights.find(layer);
  return found == weights.end() ? at::Tensor() : found->second;
}

LayerWeights layer_weights(const FeatureNetwork& network, const std::vector<std::string>& layers,
                           const at::Tensor& pixel_weights) {
  LayerWeights weights;
  for (const std::string& layer : layers) {
    const auto shape = network.shape_of(layer, pixel_weights.size(0), pixel_weights.size(1));
    weights[layer] = at::adaptive_avg_pool2d(pixel_weights.unsqueeze(0).unsqueeze(0),
                                             {shape.height, shape.width})
                         .squeeze(0)
                         .squeeze(0);
  }
  return weights;
}

double mean_square(const at::Tensor& tensor, const at::Tensor& position_weights) {
  const auto wide = tensor.is_mps() ? at::kFloat : at::kDouble;
  if (position_weights.defined()) {
    const at::Tensor weights = position_weights.to(tensor.device(), wide);
    const double counted = weights.sum().item<double>() * static_cast<double>(tensor.size(2));
    if (counted == 0.0) return 0.0;
    return tensor.to(wide).square_().mul_(weights.unsqueeze(2)).sum().item<double>() / counted;
  }
  if (tensor.dim() == 3 && tensor.scalar_type() == at::kBFloat16) {
    return detail::squared_distance(tensor, at::zeros_like(tensor)).get() /
           static_cast<double>(tensor.numel());
  }
  return tensor.to(wide).square().mean().item<double>();
}

}  // namespace styletransfer
