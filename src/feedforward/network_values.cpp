#include "feedforward/network_values.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "device/image_tensor.h"

namespace styletransfer::detail {
namespace {

struct Range {
  double black;
  double white;
};

Range ends_of(ValueRange range) {
  switch (range) {
    case ValueRange::k0To255:
      return {0.0, 255.0};
    case ValueRange::kMinus1To1:
      return {-1.0, 1.0};
    case ValueRange::k0To1:
      break;
  }
  return {0.0, 1.0};
}

at::Tensor per_channel(const std::array<double, 3>& values) {
  return at::tensor(at::ArrayRef<double>(values), at::kFloat).view({1, 3, 1, 1});
}

/// Reflection is limited to the image's size; beyond that the edge is replicated.
at::Tensor padded(at::Tensor input, std::int64_t right, std::int64_t below) {
  const std::int64_t mirrored_right = std::min(right, input.size(3) - 1);
  const std::int64_t mirrored_below = std::min(below, input.size(2) - 1);
  if (mirrored_right > 0 || mirrored_below > 0) {
    input = at::reflection_pad2d(input, {0, mirrored_right, 0, mirrored_below});
  }
  if (mirrored_right < right || mirrored_below < below) {
    input = at::replication_pad2d(input, {0, right - mirrored_right, 0, below - mirrored_below});
  }
  return input;
}

}  // namespace

Size rounded_up(Size size, int multiple_of) {
  const auto up = [&](int side) { return (side + multiple_of - 1) / multiple_of * multiple_of; };
  return {up(size.width_px), up(size.height_px)};
}

at::Tensor network_input(const Image& image, const NetworkConvention& convention) {
  at::Tensor input = tensor_from_image(image).permute({2, 0, 1}).unsqueeze(0).contiguous();
  if (convention.bgr) input = input.flip({1});
  const Range range = ends_of(convention.input_range);
  input.mul_(range.white - range.black).add_(range.black);
  input.sub_(per_channel(convention.mean)).div_(per_channel(convention.stddev));
  const Size whole = rounded_up(image.size, convention.multiple_of);
  return padded(std::move(input), whole.width_px - image.size.width_px,
                whole.height_px - image.size.height_px);
}

NetworkOutput image_from_output(const at::Tensor& output, const NetworkConvention& convention,
                                Size size) {
  const Range range = ends_of(convention.output_range);
  at::Tensor image = output.narrow(2, 0, size.height_px).narrow(3, 0, size.width_px);
  image = image.to(at::kCPU, at::kFloat).sub(range.black).div_(range.white - range.black);
  constexpr double kMargin = 0.02;
  // NaN counts as out of range.
  const at::Tensor is_out = image.ge(-kMargin).logical_and_(image.le(1.0 + kMargin)).logical_not_();
  image.nan_to_num_(0.0);
  const double share = is_out.sum().item<double>() / static_cast<double>(image.numel());
  if (convention.bgr) image = image.flip({1});
  return {image_from_tensor(image.squeeze(0).permute({1, 2, 0})), share};
}

}  // namespace styletransfer::detail
