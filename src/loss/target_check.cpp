#include "loss/target_check.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "loss/style/style_losses.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

Message remedy() {
  return "; the network file is damaged or not trained: name another with " + option("model");
}

/// The largest magnitude; not finite if one of the values is not.
double magnitude(const at::Tensor& values) {
  const auto [min, max] = values.aminmax();
  return std::max(std::abs(min.item<double>()), std::abs(max.item<double>()));
}

/// Counts the targets that are not zero.
class TargetCheck {
 public:
  void add(const std::string& name, double power) {
    if (!std::isfinite(power)) {
      throw RunError("the network's features of " + name + " are not finite numbers" + remedy());
    }
    ++count_;
    if (power > 0.0) ++seen_;
  }

  void finish() const {
    if (count_ == 0 || seen_ > 0) return;
    throw RunError("the network sees nothing in the images: all of its features are 0" + remedy());
  }

 private:
  int count_ = 0;
  int seen_ = 0;
};

}  // namespace

void check_targets(const LossOptions& options, const Weights& weights, const ContentTerm& content,
                   const std::vector<StyleTerm>& styles) {
  TargetCheck check;
  if (weights.content_weight > 0.0) {
    for (const auto& [layer, target] : content.target) {
      check.add("the content at " + layer, magnitude(target));
    }
  }
  for (const StyleTerm& region : styles) {
    if (!(weights.style_weight * region.share > 0.0)) continue;
    for (const auto& [layer, target] : region.target) {
      check.add("the style at " + layer, style_power(options.style_loss, target));
    }
  }
  check.finish();
}

}  // namespace styletransfer::detail
