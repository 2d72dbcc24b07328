// Runs a network's layers strip by strip, as planned.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "detail/strip_plan.h"

namespace styletransfer::detail {

/// input: [1, c, h, w] of the plan's size, in the type to compute in. Out: the network's output, as
/// of the whole picture at once. `tick` is called after each strip with strips done and in all.
[[nodiscard]] at::Tensor run_in_strips(const RowLayers& layers, const StripPlan& plan,
                                       const at::Tensor& input,
                                       const std::function<void(int, int)>& tick);

}  // namespace styletransfer::detail
