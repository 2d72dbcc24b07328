// A 3x3 convolution (stride 1, zero padding 1) with frozen weights, prepared once in the form that
// is fastest for its dtype and the processor: as tiles, by Winograd's filtering, or in the
// library's preferred blocking. The gradient with respect to the input is a second forward
// convolution with turned weights.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "detail/tile_convolution.h"
#include "detail/winograd_convolution.h"

namespace styletransfer::detail {

class Convolution {
 public:
  enum class Form { kFastest, kFastestInInt16, kLibrary };

  /// In: weight [out, in, 3, 3] and bias [out], float32 on the CPU; moved to `device` as `dtype`.
  /// `form`: with products of 16-bit integers where a form has them; the library's own, to be
  /// compared with.
  Convolution(const at::Tensor& weight, const at::Tensor& bias, c10::Device device,
              c10::ScalarType dtype, Form form = Form::kFastest);

  /// In: [1, in, h, w], channels-last, in the dtype given: the rows of a picture from `first_row`
  /// on. Out: [1, out, h, w], channels-last; with `relu`, max(0, .) of it.
  [[nodiscard]] at::Tensor forward(const at::Tensor& input, bool relu, int64_t first_row = 0) const;

  /// Gradient with respect to the input. In: [1, out, h, w]. Out: [1, in, h, w]; channels-last.
  [[nodiscard]] at::Tensor backward_input(const at::Tensor& gradient, int64_t first_row = 0) const;

  /// Both forms on tiles, which can do more at once; null where there are none.
  [[nodiscard]] const TileConvolution* forward_on_tiles() const {
    return straight_.on_tiles ? &*straight_.on_tiles : nullptr;
  }
  [[nodiscard]] const TileConvolution* backward_on_tiles() const {
    return turned_.on_tiles ? &*turned_.on_tiles : nullptr;
  }

  /// What a call takes beside input and output, as far as it is known.
  [[nodiscard]] int64_t scratch_bytes() const { return winograd_ ? winograd_->scratch_bytes() : 0; }

  [[nodiscard]] int64_t in_channels() const { return in_channels_; }
  [[nodiscard]] int64_t out_channels() const { return out_channels_; }

 private:
  /// Weights ready for the device: tiles where the processor has them, else `packed`, the CPU
  /// library's own blocking, where it has one.
  struct Prepared {
    std::optional<TileConvolution> on_tiles;
    at::Tensor weight;
    at::Tensor packed;
    at::Tensor bias;
  };
  static Prepared prepare(const at::Tensor& weight, const at::Tensor& bias, Form form);
  static at::Tensor run(const Prepared& prepared, const at::Tensor& input, bool relu);

  int64_t in_channels_;
  int64_t out_channels_;
  /// Serves both ways; without it one of these each.
  std::optional<WinogradConvolution> winograd_;
  Prepared straight_;
  Prepared turned_;
};

}  // namespace styletransfer::detail
