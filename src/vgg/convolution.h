// 3x3 convolution (stride 1, zero padding 1) with constant weights, in the fastest available form.
//
// The forms are AMX tiles, Winograd, oneDNN with reordered weights, and LibTorch's convolution; the
// choice depends on dtype and device. Weights are prepared once. The gradient with respect to the
// input is a forward convolution with rotated weights and exchanged channels.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "kernels/amx/amx_convolution.h"
#include "kernels/winograd/winograd_convolution.h"

namespace styletransfer::detail {

class Convolution {
 public:
  enum class Form { kFastest, kFastestInInt16, kLibrary };

  /// Memory on the CPU that the constructor takes.
  struct PreparedBytes {
    /// Weights in the form that is kept.
    int64_t held = 0;
    /// Copies that exist during preparation only.
    int64_t temporary = 0;
  };
  /// Arguments as those of the constructor, `device` the CPU.
  [[nodiscard]] static PreparedBytes prepared_bytes(const at::Tensor& weight, c10::ScalarType dtype,
                                                    Form form);

  /// In: weight [out, in, 3, 3] and bias [out], float32 on the CPU; converted to `device` and
  /// `dtype`. form: kFastestInInt16 allows 16-bit integer products (Winograd); kLibrary uses oneDNN
  /// or LibTorch only, as a reference.
  Convolution(const at::Tensor& weight, const at::Tensor& bias, c10::Device device,
              c10::ScalarType dtype, Form form = Form::kFastest);

  /// In: [1, in, h, w], channels-last, in the constructor's dtype: the image rows from `first_row`
  /// on. Out: [1, out, h, w], channels-last; with `relu`, max(0, .) is applied.
  [[nodiscard]] at::Tensor forward(const at::Tensor& input, bool relu, int64_t first_row = 0) const;

  /// Gradient with respect to the input. In: [1, out, h, w]. Out: [1, in, h, w]; channels-last.
  [[nodiscard]] at::Tensor backward_input(const at::Tensor& gradient, int64_t first_row = 0) const;

  /// The AMX kernels of both directions, for fused prologues and epilogues; null if not used.
  [[nodiscard]] const AmxConvolution* forward_amx() const {
    return forward_.amx ? &*forward_.amx : nullptr;
  }
  [[nodiscard]] const AmxConvolution* backward_amx() const {
    return backward_data_.amx ? &*backward_data_.amx : nullptr;
  }

  /// Bytes that a call allocates besides input and output, as far as known (0 for LibTorch's
  /// forms).
  [[nodiscard]] int64_t scratch_bytes() const { return winograd_ ? winograd_->scratch_bytes() : 0; }

  [[nodiscard]] int64_t in_channels() const { return in_channels_; }
  [[nodiscard]] int64_t out_channels() const { return out_channels_; }

 private:
  /// Prepared weights of one direction; exactly one of `amx`, `packed` (oneDNN's blocked layout)
  /// and `weight` is set.
  struct Prepared {
    std::optional<AmxConvolution> amx;
    at::Tensor weight;
    at::Tensor packed;
    at::Tensor bias;
  };
  static Prepared prepare(const at::Tensor& weight, const at::Tensor& bias, Form form);
  static at::Tensor run(const Prepared& prepared, const at::Tensor& input, bool relu);

  int64_t in_channels_;
  int64_t out_channels_;
  /// Serves both directions; if it is empty, the two below are used.
  std::optional<WinogradConvolution> winograd_;
  Prepared forward_;
  Prepared backward_data_;
};

}  // namespace styletransfer::detail
