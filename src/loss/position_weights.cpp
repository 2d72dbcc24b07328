#include "loss/position_weights.h"

#include <ATen/ATen.h>

namespace styletransfer {

StripWeights PositionWeights::beside(const at::Tensor& features, std::int64_t first_row) {
  const std::int64_t rows = features.size(0);
  if (!defined()) return {{}, static_cast<double>(rows * features.size(1))};
  const auto found = sums_.find({first_row, rows});
  double sum = 0.0;
  if (found != sums_.end()) {
    sum = found->second;
  } else {
    const at::Tensor own = weights_.narrow(0, first_row, rows).flatten();
    sum = own.sum(own.is_mps() ? at::kFloat : at::kDouble).item<double>();
    sums_[{first_row, rows}] = sum;
  }
  weights_ = weights_.to(features.device());
  return {weights_.narrow(0, first_row, rows).flatten(), sum};
}

}  // namespace styletransfer
