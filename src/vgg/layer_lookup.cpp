#include "vgg/layer_lookup.h"

#include <algorithm>

#include "base/suggestions.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {

size_t layer_index(const Network& network, const std::string& name) {
  std::vector<std::string> known;
  for (const Layer& layer : network.layers) {
    if (layer.name == name) return known.size();
    known.push_back(layer.name);
  }
  throw UsageError("the network has no layer '" + name + "'" + did_you_mean(name, known) +
                   "; its layers: " + joined(known));
}

int min_side_px(const Network& network, const std::vector<std::string>& layers) {
  int smallest = 1;
  for (const std::string& name : layers) {
    int side = 1;
    for (size_t i = 0; i <= layer_index(network, name); ++i) {
      if (network.layers[i].kind == LayerKind::kPool) side *= 2;
    }
    smallest = std::max(smallest, side);
  }
  return smallest;
}

std::vector<std::string> compared_layers(const LossOptions& loss) {
  std::vector<std::string> layers = loss.content_layers;
  layers.insert(layers.end(), loss.style_layers.begin(), loss.style_layers.end());
  return layers;
}

}  // namespace styletransfer::detail
