#include "loss/style/style_losses.h"

#include <ATen/core/Tensor.h>

#include "loss/feature_loss.h"
#include "loss/style/gram_loss.h"
#include "loss/style/sliced_wasserstein_loss.h"
#include "loss/style/wasserstein_loss.h"

namespace styletransfer::detail {
namespace {

/// StyleProbe for a statistic `Sum`: GramSum, MomentSum or ProjectionHistograms.
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
  switch (kind) {
    case StyleLossKind::kGram:
      return std::make_unique<SumProbe<GramSum>>(position_weights);
    case StyleLossKind::kWasserstein:
      return std::make_unique<SumProbe<MomentSum>>(position_weights);
    case StyleLossKind::kSlicedWasserstein:
      return std::make_unique<SumProbe<ProjectionHistograms>>(position_weights);
  }
  return nullptr;
}

std::unique_ptr<FeatureLoss> make_style_loss(StyleLossKind kind, const at::Tensor& target,
                                             double weight, const at::Tensor& position_weights) {
  switch (kind) {
    case StyleLossKind::kGram:
      return std::make_unique<GramLoss>(target, weight, position_weights);
    case StyleLossKind::kWasserstein:
      return std::make_unique<WassersteinLoss>(target, weight, position_weights);
    case StyleLossKind::kSlicedWasserstein:
      return std::make_unique<SlicedWassersteinLoss>(target, weight, position_weights);
  }
  return nullptr;
}

double style_power(StyleLossKind kind, const at::Tensor& target) {
  switch (kind) {
    case StyleLossKind::kGram:
      return mean_square(target);
    case StyleLossKind::kWasserstein:
      return moment_power(target);
    case StyleLossKind::kSlicedWasserstein:
      // For the same difference, the sliced distance is about half of the other two.
      return projected_power(target) / 2.0;
  }
  return 0.0;
}

}  // namespace styletransfer::detail
