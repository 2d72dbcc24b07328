// A 3x3 convolution (stride 1, zero padding 1) with frozen weights, prepared once: weights in the
// library's preferred blocking or as tiles, and the gradient with respect to the input as a second
// forward convolution with turned weights.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "detail/tile_convolution.h"

namespace styletransfer::detail {

class Convolution {
 public:
  enum class Form { kFastest, kLibrary };

  /// In: weight [out, in, 3, 3] and bias [out], float32 on the CPU; moved to `device` as `dtype`.
  /// `form`: the library's own is there to be compared with.
  Convolution(const at::Tensor& weight, const at::Tensor& bias, c10::Device device,
              c10::ScalarType dtype, Form form = Form::kFastest);

  /// In: [1, in, h, w], channels-last, in the dtype given. Out: [1, out, h, w], channels-last;
  /// with `relu`, max(0, .) of it.
  [[nodiscard]] at::Tensor forward(const at::Tensor& input, bool relu) const;

  /// Gradient with respect to the input. In: [1, out, h, w]. Out: [1, in, h, w]; channels-last.
  [[nodiscard]] at::Tensor backward_input(const at::Tensor& gradient) const;

  /// Both forms on tiles, which can do more at once; null where there are none.
  [[nodiscard]] const TileConvolution* forward_on_tiles() const {
    return straight_.on_tiles ? &*straight_.on_tiles : nullptr;
  }
  [[nodiscard]] const TileConvolution* backward_on_tiles() const {
    return turned_.on_tiles ? &*turned_.on_tiles : nullptr;
  }

  [[nodiscard]] int64_t in_channels() const { return turned_.out_channels; }
  [[nodiscard]] int64_t out_channels() const { return straight_.out_channels; }

 private:
  /// Weights ready for the device: tiles where the processor has them, else `packed`, the CPU
  /// library's own blocking, where it has one.
  struct Prepared {
    std::optional<TileConvolution> on_tiles;
    at::Tensor weight;
    at::Tensor packed;
    at::Tensor bias;
    int64_t out_channels = 0;
  };
  static Prepared prepare(const at::Tensor& weight, const at::Tensor& bias, Form form);
  static at::Tensor run(const Prepared& prepared, const at::Tensor& input, bool relu);

  Prepared straight_;
  Prepared turned_;
};

}  // namespace styletransfer::detail
