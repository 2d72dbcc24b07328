// Execution of a network's layers strip by strip, following a StripPlan.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "feedforward/strip_plan.h"

namespace styletransfer::detail {

/// input: [1, c, h, w] of the plan's size, in the compute type. Returns the same output as a run on
/// the whole image. `tick` is called after each strip with the number of strips done and the total.
[[nodiscard]] at::Tensor run_in_strips(const RowLayers& layers, const StripPlan& plan,
                                       const at::Tensor& input,
                                       const std::function<void(int, int)>& tick);

}  // namespace styletransfer::detail
