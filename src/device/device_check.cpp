#include "device/device_check.h"

#include <ATen/ATen.h>

#include <cstdint>

#include "device/operators.h"

namespace styletransfer::detail {
namespace {

/// True if all values equal `expected` to within 1e-3 (relative). Sums of a few small integers are
/// exact in every type, but a library's fast convolution algorithm may round.
bool all_are(const at::Tensor& values, std::int64_t expected) {
  constexpr double kTolerance = 1e-3;
  const auto number = static_cast<double>(expected);
  const at::Tensor error = (values.to(at::kFloat) - number).abs_().max();
  return error.item<double>() <= kTolerance * number;
}

}  // namespace

bool multiplies_right(c10::Device device, c10::ScalarType feature_type) {
  constexpr std::int64_t kChannels = 16;
  constexpr std::int64_t kSide = 8;
  constexpr std::int64_t kKernel = 3;
  const auto options = at::TensorOptions().device(device).dtype(feature_type);
  const at::Tensor weight = at::ones({kChannels, kChannels, kKernel, kKernel}, options)
                                .contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor features =
      at::ones({1, kChannels, kSide, kSide}, options).contiguous(at::MemoryFormat::ChannelsLast);
  // Without the border, where the zero padding makes the sums smaller.
  const at::Tensor inner =
      convolution_3x3(features, weight, at::zeros({kChannels}, options), /*relu=*/true)
          .narrow(2, 1, kSide - 2)
          .narrow(3, 1, kSide - 2);
  const at::Tensor positions = at::ones({kSide * kSide, kChannels}, options);
  const auto wide =
      feature_type == c10::kBFloat16 ? float32_gram_of_bfloat16(positions) : std::nullopt;
  const at::Tensor gram = wide ? *wide : at::mm(positions.t(), positions);
  return all_are(inner, kChannels * kKernel * kKernel) && all_are(gram, kSide * kSide);
}

void keep_full_precision_on_cuda() {
  at::Context& context = at::globalContext();
  context.setAllowTF32CuDNN(false);
  context.setAllowTF32CuBLAS(false);
  context.setAllowBF16ReductionCuBLAS(false);
}

}  // namespace styletransfer::detail
