// How a device multiplies: whether it gets products right, and in which precision.
#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

namespace styletransfer::detail {

/// Tries the products that runs use, small: a convolution and a Gram matrix, in the features' type.
/// Throws c10::Error where the device has none such.
[[nodiscard]] bool multiplies_right(c10::Device device, c10::ScalarType feature_type);

/// From now on CUDA multiplies float32 as float32, not rounded to TF32's ten bits (steps of less
/// than half of 1/255 would vanish in the first layer), and adds products of bfloat16 in float32
/// to the end.
void keep_full_precision_on_cuda();

}  // namespace styletransfer::detail
