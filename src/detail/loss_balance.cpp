#include "detail/loss_balance.h"

#include <cmath>

namespace styletransfer::detail {

std::optional<std::string> smoothness_advice(const std::vector<LossTerm>& terms) {
  double sum = 0.0;
  double smoothness = 0.0;
  for (const LossTerm& term : terms) {
    sum += term.value;
    if (term.name == "smoothness") smoothness = term.value;
  }
  if (!(smoothness > 0.5 * sum)) return {};
  if (terms.size() > 1 && smoothness == sum) {
    return "the network tells no difference between the picture, the photo and the painting, so "
           "nothing was painted: its file is damaged or not trained, name another with --model";
  }
  return "smoothness makes up " + std::to_string(std::lround(100.0 * smoothness / sum)) +
         " % of the loss, so colours are blurred more than painted; lower --tv-weight";
}

}  // namespace styletransfer::detail
