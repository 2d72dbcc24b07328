#include "vgg/convolution.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <optional>
#include <string>
#include <vector>

#include "device/operators.h"
#include "kernels/feature_layout.h"

namespace styletransfer::detail {
namespace {

using Operator = std::optional<c10::OperatorHandle>;

// oneDNN's convolution with a fused activation, and its weight reordering. LibTorch registers both
// for its compiler; builds without them use the ordinary operators.
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

/// oneDNN rejects bfloat16 on x86 processors without these instruction sets; LibTorch's own
/// convolution works there, but slowly.
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

/// The weight in oneDNN's preferred blocked layout for stride 1, padding 1.
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
  forward_ = prepare(moved, bias.to(device, dtype), form);
  // The transpose of a convolution with weights w[o][i][y][x] is the convolution with
  // w[i][o][2 - y][2 - x].
  backward_data_ = prepare(moved.flip({2, 3}).transpose(0, 1), at::Tensor(), form);
}

Convolution::PreparedBytes Convolution::prepared_bytes(const at::Tensor& weight,
                                                       c10::ScalarType dtype, Form form) {
  // Of the shape and type of the weight that will be prepared, without its memory.
  const at::Tensor moved =
      at::empty({1, 1, 1, 1}, weight.options().dtype(dtype)).expand(weight.sizes());
  const int64_t plain = weight.numel() * static_cast<int64_t>(c10::elementSize(dtype));
  if (form != Form::kLibrary && WinogradConvolution::is_usable(moved)) {
    using Numbers = WinogradConvolution::Numbers;
    const auto numbers = form == Form::kFastestInInt16 ? Numbers::kInt16 : Numbers::kFloat32;
    return {WinogradConvolution::prepared_bytes(weight.size(0), weight.size(1), numbers), 0};
  }
  // One form for each direction; the weight as `dtype`, turned, and contiguous.
  return {2 * plain, 3 * plain};
}

Convolution::Prepared Convolution::prepare(const at::Tensor& weight, const at::Tensor& bias,
                                           Form form) {
  Prepared prepared;
  prepared.bias = bias;
  if (form != Form::kLibrary && weight.is_cpu() && weight.scalar_type() == at::kBFloat16 &&
      AmxConvolution::is_usable(weight)) {
    prepared.amx.emplace(weight, bias);
  } else if (has_fused_form(weight)) {
    prepared.packed = reordered(weight.contiguous(at::MemoryFormat::ChannelsLast));
  } else {
    prepared.weight = weight.contiguous(at::MemoryFormat::ChannelsLast);
  }
  return prepared;
}

at::Tensor Convolution::run(const Prepared& prepared, const at::Tensor& input, bool relu) {
  if (prepared.amx) {
    const at::Tensor rows = as_features(input);
    ConvolutionEpilogue epilogue;
    epilogue.relu = relu;
    return as_batch(prepared.amx->run(StoredRows(rows), {0, rows.size(0)}, rows.size(1), epilogue));
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
  return convolution_3x3(input, prepared.weight, prepared.bias, relu);
}

at::Tensor Convolution::forward(const at::Tensor& input, bool relu, int64_t first_row) const {
  return winograd_ ? winograd_->forward(input, relu, first_row) : run(forward_, input, relu);
}

at::Tensor Convolution::backward_input(const at::Tensor& gradient, int64_t first_row) const {
  return winograd_ ? winograd_->backward_input(gradient, first_row)
                   : run(backward_data_, gradient, false);
}

}  // namespace styletransfer::detail
