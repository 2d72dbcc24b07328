// A 3x3 convolution (stride 1, zero padding 1) with frozen weights, prepared once: weights in the
// library's preferred blocking, and the gradient with respect to the input as a second forward
// convolution with turned weights.
#pragma once

#include <ATen/core/Tensor.h>

namespace styletransfer::detail {

class Convolution {
 public:
  /// In: weight [out, in, 3, 3] and bias [out], float32 on the CPU; moved to `device` as `dtype`.
  Convolution(const at::Tensor& weight, const at::Tensor& bias, c10::Device device,
              c10::ScalarType dtype);

  /// In: [1, in, h, w], channels-last, in the dtype given. Out: [1, out, h, w], channels-last;
  /// with `relu`, max(0, .) of it.
  [[nodiscard]] at::Tensor forward(const at::Tensor& input, bool relu) const;

  /// Gradient with respect to the input. In: [1, out, h, w]. Out: [1, in, h, w]; channels-last.
  [[nodiscard]] at::Tensor backward_input(const at::Tensor& gradient) const;

  [[nodiscard]] int64_t in_channels() const { return turned_.out_channels; }
  [[nodiscard]] int64_t out_channels() const { return straight_.out_channels; }

 private:
  /// Weights ready for the device: `packed` is the CPU library's own blocking where it has one.
  struct Prepared {
    at::Tensor weight;
    at::Tensor packed;
    at::Tensor bias;
    int64_t out_channels = 0;
  };
  static Prepared prepare(const at::Tensor& weight, const at::Tensor& bias);
  static at::Tensor run(const Prepared& prepared, const at::Tensor& input, bool relu);

  Prepared straight_;
  Prepared turned_;
};

}  // namespace styletransfer::detail
