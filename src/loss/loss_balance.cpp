#include "loss/loss_balance.h"

#include <cmath>

namespace styletransfer::detail {

std::optional<Message> total_variation_advice(const std::vector<LossTerm>& terms) {
  double sum = 0.0;
  double total_variation = 0.0;
  for (const LossTerm& term : terms) {
    sum += term.value;
    if (term.name == "total variation") total_variation = term.value;
  }
  if (!(total_variation > 0.5 * sum)) return {};
  if (terms.size() > 1 && total_variation == sum) {
    return "the network tells no difference between the image, the photo and the painting, so "
           "nothing was painted: its file is damaged or not trained, name another with " +
           option("model");
  }
  return "total variation makes up " + std::to_string(std::lround(100.0 * total_variation / sum)) +
         " % of the loss, so colors are blurred more than painted; lower " + option("tv_weight");
}

}  // namespace styletransfer::detail
