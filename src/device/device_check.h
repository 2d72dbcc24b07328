// Self-test and precision settings of a device's matrix products.
#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

namespace styletransfer::detail {

/// Runs the products that a transfer uses at a small size, in the feature type: a convolution and a
/// Gram matrix. Returns whether the results are right. Throws c10::Error if the device does not
/// support them.
[[nodiscard]] bool multiplies_right(c10::Device device, c10::ScalarType feature_type);

/// Disables reduced precision on CUDA for the process. float32 products are not rounded to TF32,
/// whose 10 mantissa bits would lose pixel steps below half of 1/255 in the first layer, and
/// bfloat16 products are accumulated in float32 throughout.
void keep_full_precision_on_cuda();

}  // namespace styletransfer::detail
