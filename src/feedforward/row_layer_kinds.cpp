#include "feedforward/row_layer_kinds.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <algorithm>
#include <utility>

namespace styletransfer::detail {
namespace {

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return (a >= 0 ? a : a - b + 1) / b; }

/// Clips to an image of this height, but returns at least one row: a kernel outside the image reads
/// zeros only.
Rows within(Rows rows, std::int64_t height) {
  const std::int64_t first = std::clamp<std::int64_t>(rows.first, 0, height - 1);
  return {first, std::clamp(rows.last, first + 1, height)};
}

/// Turns `rows`, which are the image's rows `have`, into the rows `wanted`, with `value` outside
/// the image.
at::Tensor with_rows_beyond(const at::Tensor& rows, Rows have, Rows wanted, double value = 0.0) {
  if (wanted.last <= have.first || wanted.first >= have.last) {
    return at::full({1, rows.size(1), wanted.count(), rows.size(3)}, value, rows.options());
  }
  const std::int64_t above = have.first - wanted.first;
  const std::int64_t below = wanted.last - have.last;
  if (above == 0 && below == 0) return rows;
  return at::constant_pad_nd(rows, {0, 0, above, below}, value);
}

}  // namespace

/// In-place operations are replaced by their out-of-place form, since other layers may read the
/// rows.
PointwiseLayer::PointwiseLayer(const TracedCall& call, std::vector<int> inputs)
    : RowLayer(std::move(inputs)), call_(call) {
  if (call_.name.ends_with("_")) call_.name.pop_back();
  for (std::size_t i = 0; i < call_.inputs.size(); ++i) {
    if (call_.input_values[i] >= 0) call_.inputs[i] = c10::IValue();
  }
}

at::Tensor PointwiseLayer::run(const std::vector<at::Tensor>& rows, Rows /*wanted*/,
                               const Extent& /*input*/) const {
  const auto operation =
      c10::Dispatcher::singleton().findSchemaOrThrow(call_.name.c_str(), call_.overload.c_str());
  torch::jit::Stack stack = call_.inputs;
  std::size_t next = 0;
  for (std::size_t i = 0; i < stack.size(); ++i) {
    if (call_.input_values[i] >= 0) stack[i] = rows[next++];
  }
  operation.callBoxed(stack);
  return stack.front().toTensor();
}

/// Statistics are float32 whatever the values' type, so the other parameters must be as well.
NormalizedLayer::NormalizedLayer(int input, const at::Tensor& weight, const at::Tensor& bias,
                                 double epsilon)
    : RowLayer({input}),
      weight_(weight.defined() ? weight.to(at::kFloat) : weight),
      bias_(bias.defined() ? bias.to(at::kFloat) : bias),
      epsilon_(epsilon) {}

at::Tensor NormalizedLayer::run(const std::vector<at::Tensor>& rows, Rows /*wanted*/,
                                const Extent& /*input*/) const {
  return at::batch_norm(rows.front(), weight_, bias_, mean_, variance_, /*training=*/false,
                        /*momentum=*/0.0, epsilon_, /*cudnn_enabled=*/false);
}

void NormalizedLayer::set_statistics(const at::Tensor& mean, const at::Tensor& variance) {
  mean_ = mean;
  variance_ = variance;
}

KernelLayer::KernelLayer(int input, at::Tensor weight, at::Tensor bias, ConvolutionShape shape)
    : RowLayer({input}),
      weight_(std::move(weight)),
      bias_(std::move(bias)),
      shape_(std::move(shape)) {}

std::int64_t KernelLayer::reach(std::size_t axis) const {
  return shape_.dilation[axis] * (weight_.size(static_cast<std::int64_t>(axis) + 2) - 1) + 1;
}

Rows KernelLayer::needed(Rows wanted, const Extent& input) const {
  return within(covered(wanted), input.height);
}

at::Tensor KernelLayer::under_kernel(const at::Tensor& rows, Rows wanted,
                                     const Extent& input) const {
  return with_rows_beyond(rows, needed(wanted, input), covered(wanted));
}

ConvolvedLayer::ConvolvedLayer(int input, const at::Tensor& weight, at::Tensor bias,
                               ConvolutionShape shape)
    : KernelLayer(input, weight.contiguous(at::MemoryFormat::ChannelsLast), std::move(bias),
                  std::move(shape)) {}

Extent ConvolvedLayer::extent(const Extent& input) const {
  const auto side = [&](std::int64_t length, std::size_t axis) {
    return floor_div(length + 2 * shape().padding[axis] - reach(axis), shape().stride[axis]) + 1;
  };
  return {weight().size(0), side(input.height, 0), side(input.width, 1)};
}

Rows ConvolvedLayer::covered(Rows wanted) const {
  const std::int64_t stride = shape().stride[0];
  return {wanted.first * stride - shape().padding[0],
          (wanted.last - 1) * stride - shape().padding[0] + reach(0)};
}

at::Tensor ConvolvedLayer::run(const std::vector<at::Tensor>& rows, Rows wanted,
                               const Extent& input) const {
  const std::vector<std::int64_t> padding{0, shape().padding[1]};
  return at::conv2d(under_kernel(rows.front(), wanted, input), weight(), bias(), shape().stride,
                    padding, shape().dilation, shape().groups);
}

TransposedLayer::TransposedLayer(int input, at::Tensor weight, at::Tensor bias,
                                 ConvolutionShape shape)
    : KernelLayer(input, std::move(weight), std::move(bias), std::move(shape)) {}

Extent TransposedLayer::extent(const Extent& input) const {
  const auto side = [&](std::int64_t length, std::size_t axis) {
    return (length - 1) * shape().stride[axis] - 2 * shape().padding[axis] + reach(axis) +
           shape().output_padding[axis];
  };
  return {weight().size(1) * shape().groups, side(input.height, 0), side(input.width, 1)};
}

/// Input row i contributes to output rows i * stride - padding .. + reach - 1.
Rows TransposedLayer::covered(Rows wanted) const {
  const std::int64_t stride = shape().stride[0];
  const std::int64_t padding = shape().padding[0];
  // A kernel narrower than its stride leaves gaps between output rows.
  const std::int64_t beyond = reach(0) < stride ? 1 : 0;
  return {floor_div(wanted.first + padding - reach(0) + 1, stride),
          floor_div(wanted.last - 1 + padding, stride) + 1 + beyond};
}

at::Tensor TransposedLayer::run(const std::vector<at::Tensor>& rows, Rows wanted,
                                const Extent& input) const {
  const at::Tensor reached = at::conv_transpose2d(
      under_kernel(rows.front(), wanted, input), weight(), bias(), shape().stride,
      {0, shape().padding[1]}, {0, shape().output_padding[1]}, shape().groups, shape().dilation);
  const std::int64_t first = covered(wanted).first * shape().stride[0] - shape().padding[0];
  return reached.narrow(2, wanted.first - first, wanted.count());
}

Extent PaddedLayer::extent(const Extent& input) const {
  return {input.channels, input.height + sides_[2] + sides_[3],
          input.width + sides_[0] + sides_[1]};
}

std::int64_t PaddedLayer::source(std::int64_t row, std::int64_t height) const {
  const std::int64_t at = row - sides_[2];
  if (mode_ == PadMode::kReflect) return at < 0 ? -at : std::min(at, 2 * (height - 1) - at);
  return mode_ == PadMode::kReplicate ? std::clamp<std::int64_t>(at, 0, height - 1) : at;
}

Rows PaddedLayer::needed(Rows wanted, const Extent& input) const {
  Rows rows{input.height, 0};
  for (std::int64_t row = wanted.first; row < wanted.last; ++row) {
    rows.first = std::min(rows.first, source(row, input.height));
    rows.last = std::max(rows.last, source(row, input.height) + 1);
  }
  return within(rows, input.height);
}

at::Tensor PaddedLayer::with_columns(const at::Tensor& rows) const {
  if (sides_[0] == 0 && sides_[1] == 0) return rows;
  const std::vector<std::int64_t> columns{sides_[0], sides_[1], 0, 0};
  if (mode_ == PadMode::kReflect) return at::reflection_pad2d(rows, columns);
  if (mode_ == PadMode::kReplicate) return at::replication_pad2d(rows, columns);
  return at::constant_pad_nd(rows, columns, value_);
}

at::Tensor PaddedLayer::run(const std::vector<at::Tensor>& rows, Rows wanted,
                            const Extent& input) const {
  const Rows have = needed(wanted, input);
  const Rows plain{wanted.first - sides_[2], wanted.last - sides_[2]};
  if (have.first == plain.first && have.last == plain.last) return with_columns(rows.front());
  if (mode_ == PadMode::kConstant) {
    return with_rows_beyond(with_columns(rows.front()), have, plain, value_);
  }
  std::vector<std::int64_t> sources;
  for (std::int64_t row = wanted.first; row < wanted.last; ++row) {
    sources.push_back(source(row, input.height) - have.first);
  }
  const at::Tensor index = at::tensor(sources, at::kLong).to(rows.front().device());
  return with_columns(
      rows.front().index_select(2, index).contiguous(at::MemoryFormat::ChannelsLast));
}

Extent EnlargedLayer::extent(const Extent& input) const {
  return {input.channels, input.height * scale_, input.width * scale_};
}

Rows EnlargedLayer::needed(Rows wanted, const Extent& input) const {
  const std::int64_t neighbors = bilinear_ ? 1 : 0;
  return within({wanted.first / scale_ - neighbors, (wanted.last - 1) / scale_ + 1 + neighbors},
                input.height);
}

at::Tensor EnlargedLayer::run(const std::vector<at::Tensor>& rows, Rows wanted,
                              const Extent& input) const {
  const Rows have = needed(wanted, input);
  const std::vector<std::int64_t> size{have.count() * scale_, input.width * scale_};
  const at::Tensor large =
      bilinear_ ? at::upsample_bilinear2d(rows.front(), size, /*align_corners=*/false)
                : at::upsample_nearest2d(rows.front(), size);
  return large.narrow(2, wanted.first - have.first * scale_, wanted.count());
}

}  // namespace styletransfer::detail
