#include "detail/device_products.h"

#include <ATen/ATen.h>

#include <cstdint>

#include "detail/convolution.h"
#include "detail/gram.h"

namespace styletransfer::detail {
namespace {

/// Sums of few small whole numbers are exact in every type; Winograd's filtering rounds a little.
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
  const Convolution convolution(at::ones({kChannels, kChannels, kKernel, kKernel}),
                                at::zeros({kChannels}), device, feature_type);
  const at::Tensor features =
      at::ones({1, kChannels, kSide, kSide}, options).contiguous(at::MemoryFormat::ChannelsLast);
  // Away from the padding.
  const at::Tensor inner =
      convolution.forward(features, /*relu=*/true).narrow(2, 1, kSide - 2).narrow(3, 1, kSide - 2);
  const at::Tensor gram = gram_product(at::ones({kSide * kSide, kChannels}, options));
  return all_are(inner, kChannels * kKernel * kKernel) && all_are(gram, kSide * kSide);
}

void keep_full_precision_on_cuda() {
  at::Context& context = at::globalContext();
  context.setAllowTF32CuDNN(false);
  context.setAllowTF32CuBLAS(false);
  context.setAllowBF16ReductionCuBLAS(false);
}

}  // namespace styletransfer::detail
