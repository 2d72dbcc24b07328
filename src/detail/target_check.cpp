#include "detail/target_check.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "detail/style_losses.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

constexpr const char* kRemedy =
    "; the network file is damaged or not trained: name another with --model";

/// The largest magnitude; not finite where a value is not.
double magnitude(const at::Tensor& values) {
  const auto [least, most] = values.aminmax();
  return std::max(std::abs(least.item<double>()), std::abs(most.item<double>()));
}

/// Counts the targets that hold something.
class TargetCheck {
 public:
  void add(const std::string& name, double power) {
    if (!std::isfinite(power)) {
      throw RunError("the network's features of " + name + " are not finite numbers" + kRemedy);
    }
    ++count_;
    if (power > 0.0) ++seen_;
  }

  void finish() const {
    if (count_ == 0 || seen_ > 0) return;
    throw RunError(
        std::string("the network sees nothing in the pictures: all of its features are 0") +
        kRemedy);
  }

 private:
  int count_ = 0;
  int seen_ = 0;
};

}  // namespace

void check_targets(const LossOptions& options, const Weights& weights, const ContentAim& content,
                   const std::vector<StyleRegion>& styles) {
  TargetCheck check;
  if (weights.content_weight > 0.0) {
    for (const auto& [layer, target] : content.target) {
      check.add("the content at " + layer, magnitude(target));
    }
  }
  for (const StyleRegion& region : styles) {
    if (!(weights.style_weight * region.share > 0.0)) continue;
    for (const auto& [layer, target] : region.target) {
      check.add("the style at " + layer, style_power(options.style_loss, target));
    }
  }
  check.finish();
}

}  // namespace styletransfer::detail
