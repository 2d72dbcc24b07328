#include "device/operators.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <vector>

namespace styletransfer::detail {
namespace {

using ConvolutionRelu = at::Tensor(const at::Tensor&, const at::Tensor&,
                                   const std::optional<at::Tensor>&, c10::SymIntArrayRef,
                                   c10::SymIntArrayRef, c10::SymIntArrayRef, c10::SymInt);
using ProductWithType = at::Tensor(const at::Tensor&, const at::Tensor&, at::ScalarType);

/// Looks up an operator with a CUDA kernel by name; std::nullopt if this LibTorch has none.
template <class Signature>
std::optional<c10::TypedOperatorHandle<Signature>> find_on_cuda(const char* name,
                                                                const char* overload) {
  const auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
  if (!handle || !handle->hasKernelForDispatchKey(c10::DispatchKey::CUDA)) return std::nullopt;
  return handle->typed<Signature>();
}

}  // namespace

at::Tensor convolution_3x3(const at::Tensor& input, const at::Tensor& weight,
                           const at::Tensor& bias, bool relu) {
  if (input.is_cuda() && relu && bias.defined()) {
    static const auto fused =
        at::globalContext().hasCuDNN()
            ? find_on_cuda<ConvolutionRelu>("aten::cudnn_convolution_relu", "")
            : std::nullopt;
    if (fused) {
      const std::vector<c10::SymInt> one{1, 1};
      return fused->call(input, weight, bias, one, one, one, 1)
          .contiguous(at::MemoryFormat::ChannelsLast);
    }
  }
  at::Tensor output = at::conv2d(input, weight, bias, 1, 1);
  if (relu) output.relu_();
  return output.contiguous(at::MemoryFormat::ChannelsLast);
}

std::optional<at::Tensor> float32_gram_of_bfloat16(const at::Tensor& features) {
  if (!features.is_cuda()) return std::nullopt;
  static const auto product = find_on_cuda<ProductWithType>("aten::mm", "dtype");
  if (!product) return std::nullopt;
  return product->call(features.t(), features, at::kFloat);
}

}  // namespace styletransfer::detail
