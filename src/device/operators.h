// LibTorch operators for which some devices have a faster, fused form.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

namespace styletransfer::detail {

/// 3x3 convolution, stride 1, zero padding 1; with `relu`, followed by max(0, .). With cuDNN, bias
/// and ReLU are fused into the convolution. In: input [1, in, h, w]; weight [out, in, 3, 3]; bias
/// [out] or undefined; one dtype and device. Out: [1, out, h, w], channels-last.
[[nodiscard]] at::Tensor convolution_3x3(const at::Tensor& input, const at::Tensor& weight,
                                         const at::Tensor& bias, bool relu);

/// F^T F of bfloat16 features with a float32 result, in one operation; std::nullopt if the device
/// has no operation for that. In: F [positions, C]. Out: [C, C].
[[nodiscard]] std::optional<at::Tensor> float32_gram_of_bfloat16(const at::Tensor& features);

}  // namespace styletransfer::detail
