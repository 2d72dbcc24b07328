#include "detail/convolution.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <optional>
#include <string>
#include <vector>

#include "detail/feature_layout.h"

namespace styletransfer::detail {
namespace {

using Operator = std::optional<c10::OperatorHandle>;

// oneDNN's convolution with the activation in its epilogue, and its weight blocking. LibTorch
// registers both for its compiler; where a build lacks them the plain operators serve.
const Operator& fused_operator() {
  static const Operator found =
      c10::Dispatcher::singleton().findSchema({"mkldnn::_convolution_pointwise", ""});
  return found;
}
const Operator& reorder_operator() {
  static const Operator found =
      c10::Dispatcher::singleton().findSchema({"mkldnn::_reorder_convolution_weight", ""});
  return found;
}

const std::vector<int64_t> kOne{1, 1};

using ConvolutionRelu = at::Tensor(const at::Tensor&, const at::Tensor&,
                                   const std::optional<at::Tensor>&, c10::SymIntArrayRef,
                                   c10::SymIntArrayRef, c10::SymIntArrayRef, c10::SymInt);

/// cuDNN's convolution with bias and ReLU as one operation; null where there is none.
const c10::TypedOperatorHandle<ConvolutionRelu>* cudnn_convolution_relu(const at::Tensor& input) {
  if (!input.is_cuda()) return nullptr;
  static const auto found = [] {
    std::optional<c10::TypedOperatorHandle<ConvolutionRelu>> convolution;
    const auto handle =
        c10::Dispatcher::singleton().findSchema({"aten::cudnn_convolution_relu", ""});
    if (handle && handle->hasKernelForDispatchKey(c10::DispatchKey::CUDA) &&
        at::globalContext().hasCuDNN()) {
      convolution = handle->typed<ConvolutionRelu>();
    }
    return convolution;
  }();
  return found ? &*found : nullptr;
}

at::Tensor with_relu_by_cudnn(const c10::TypedOperatorHandle<ConvolutionRelu>& convolution,
                              const at::Tensor& input, const at::Tensor& weight,
                              const at::Tensor& bias) {
  const std::vector<c10::SymInt> one{1, 1};
  return convolution.call(input, weight, bias, one, one, one, 1);
}

/// oneDNN refuses bfloat16 on x86 processors without these units, where the library's own
/// convolution is slow but works.
bool has_bfloat16_in_onednn() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq");
#else
  return true;
#endif
}

bool has_fused_form(const at::Tensor& tensor) {
  const auto type = tensor.scalar_type();
  const bool has_type = type == at::kFloat || (type == at::kBFloat16 && has_bfloat16_in_onednn());
  return tensor.is_cpu() && has_type && fused_operator() && reorder_operator();
}

at::Tensor reordered(const at::Tensor& weight) {
  std::vector<c10::IValue> stack{weight, kOne, kOne, kOne, int64_t{1}, c10::IValue()};
  reorder_operator()->callBoxed(&stack);
  return stack.front().toTensor();
}

}  // namespace

Convolution::Convolution(const at::Tensor& weight, const at::Tensor& bias, c10::Device device,
                         c10::ScalarType dtype, Form form)
    : in_channels_(weight.size(1)), out_channels_(weight.size(0)) {
  const at::Tensor moved = weight.to(device, dtype);
  if (form != Form::kLibrary && WinogradConvolution::is_usable(moved)) {
    using Numbers = WinogradConvolution::Numbers;
    winograd_.emplace(moved, bias,
                      form == Form::kFastestInInt16 ? Numbers::kInt16 : Numbers::kFloat32);
    return;
  }
  straight_ = prepare(moved, bias.to(device, dtype), form);
  // The transpose of a convolution with weights w[o][i][y][x] is the convolution with
  // w[i][o][2 - y][2 - x].
  turned_ = prepare(moved.flip({2, 3}).transpose(0, 1), at::Tensor(), form);
}

Convolution::Prepared Convolution::prepare(const at::Tensor& weight, const at::Tensor& bias,
                                           Form form) {
  Prepared prepared;
  prepared.bias = bias;
  if (form != Form::kLibrary && weight.is_cpu() && weight.scalar_type() == at::kBFloat16 &&
      TileConvolution::is_usable(weight)) {
    prepared.on_tiles.emplace(weight, bias);
  } else if (has_fused_form(weight)) {
    prepared.packed = reordered(weight.contiguous(at::MemoryFormat::ChannelsLast));
  } else {
    prepared.weight = weight.contiguous(at::MemoryFormat::ChannelsLast);
  }
  return prepared;
}

at::Tensor Convolution::run(const Prepared& prepared, const at::Tensor& input, bool relu) {
  if (prepared.on_tiles) {
    const at::Tensor rows = as_features(input);
    ConvolutionFinish finish;
    finish.relu = relu;
    return as_batch(
        prepared.on_tiles->run(StoredRows(rows), {0, rows.size(0)}, rows.size(1), finish));
  }
  if (prepared.packed.defined()) {
    const auto bias = prepared.bias.defined() ? c10::IValue(prepared.bias) : c10::IValue();
    std::vector<c10::IValue> stack{input,
                                   prepared.packed,
                                   bias,
                                   kOne,
                                   kOne,
                                   kOne,
                                   int64_t{1},
                                   std::string(relu ? "relu" : "none"),
                                   c10::List<std::optional<at::Scalar>>(),
                                   c10::IValue()};
    fused_operator()->callBoxed(&stack);
    return stack.front().toTensor();
  }
  const auto* fused = relu && prepared.bias.defined() ? cudnn_convolution_relu(input) : nullptr;
  at::Tensor output = fused != nullptr
                          ? with_relu_by_cudnn(*fused, input, prepared.weight, prepared.bias)
                          : at::conv2d(input, prepared.weight, prepared.bias, 1, 1);
  if (relu && fused == nullptr) output.relu_();
  return output.contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor Convolution::forward(const at::Tensor& input, bool relu, int64_t first_row) const {
  return winograd_ ? winograd_->forward(input, relu, first_row) : run(straight_, input, relu);
}

at::Tensor Convolution::backward_input(const at::Tensor& gradient, int64_t first_row) const {
  return winograd_ ? winograd_->backward_input(gradient, first_row) : run(turned_, gradient, false);
}

}  // namespace styletransfer::detail
