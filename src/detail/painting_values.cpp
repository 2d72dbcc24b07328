#include "detail/painting_values.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "detail/picture_tensor.h"

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

/// Mirroring reaches as far as the picture does; what is farther repeats the edge.
at::Tensor continued(at::Tensor input, std::int64_t right, std::int64_t below) {
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

at::Tensor network_input(const Image& picture, const PaintingConvention& convention) {
  at::Tensor input = tensor_from_image(picture).permute({2, 0, 1}).unsqueeze(0).contiguous();
  if (convention.bgr) input = input.flip({1});
  const Range range = ends_of(convention.input_range);
  input.mul_(range.white - range.black).add_(range.black);
  input.sub_(per_channel(convention.mean)).div_(per_channel(convention.deviation));
  const Size whole = rounded_up(picture.size, convention.multiple_of);
  return continued(std::move(input), whole.width_px - picture.size.width_px,
                   whole.height_px - picture.size.height_px);
}

PaintedPicture image_from_output(const at::Tensor& output, const PaintingConvention& convention,
                                 Size size) {
  const Range range = ends_of(convention.output_range);
  at::Tensor picture = output.narrow(2, 0, size.height_px).narrow(3, 0, size.width_px);
  picture = picture.to(at::kCPU, at::kFloat).sub(range.black).div_(range.white - range.black);
  constexpr double kMargin = 0.02;
  // What is no number is not in range either.
  const at::Tensor is_out =
      picture.ge(-kMargin).logical_and_(picture.le(1.0 + kMargin)).logical_not_();
  picture.nan_to_num_(0.0);
  const double share = is_out.sum().item<double>() / static_cast<double>(picture.numel());
  if (convention.bgr) picture = picture.flip({1});
  return {image_from_tensor(picture.squeeze(0).permute({1, 2, 0})), share};
}

}  // namespace styletransfer::detail
