#include "detail/style_losses.h"

#include <ATen/core/Tensor.h>

#include "detail/wasserstein_loss.h"

namespace styletransfer::detail {
namespace {

/// `Sum`: GramSum or MomentSum.
template <typename Sum>
class SumProbe : public StyleProbe {
 public:
  explicit SumProbe(const at::Tensor& weights) : sum_(weights) {}
  void accumulate(const at::Tensor& features, int64_t first_row) override {
    sum_.add(features, first_row);
  }
  at::Tensor take() override { return sum_.take(); }

 private:
  Sum sum_;
};

}  // namespace

std::unique_ptr<StyleProbe> make_style_probe(StyleLossKind kind,
                                             const at::Tensor& position_weights) {
  if (kind == StyleLossKind::kGram) return std::make_unique<SumProbe<GramSum>>(position_weights);
  return std::make_unique<SumProbe<MomentSum>>(position_weights);
}

std::unique_ptr<FeatureLoss> make_style_loss(StyleLossKind kind, const at::Tensor& target,
                                             double weight, const at::Tensor& position_weights) {
  if (kind == StyleLossKind::kGram) {
    return std::make_unique<GramLoss>(target, weight, position_weights);
  }
  return std::make_unique<WassersteinLoss>(target, weight, position_weights);
}

double style_power(StyleLossKind kind, const at::Tensor& target) {
  return kind == StyleLossKind::kGram ? mean_square(target) : moment_power(target);
}

}  // namespace styletransfer::detail
