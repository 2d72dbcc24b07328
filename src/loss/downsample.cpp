#include "loss/downsample.h"

#include <ATen/ATen.h>

#include <cstdint>

#include "device/image_tensor.h"

namespace styletransfer::detail {
namespace {

/// The part of an image that is covered by boxes, as a view [boxes down, factor, boxes across *
/// factor * 3]: sums over dimension 1 add whole contiguous rows.
at::Tensor boxed_rows(const at::Tensor& wide, int factor, int margin_px) {
  const at::Tensor image = without_margin(wide, margin_px);
  const std::int64_t down = image.size(0) / factor;
  const std::int64_t across = image.size(1) / factor;
  const auto filled = [&](const at::Tensor& tensor, std::int64_t dim, std::int64_t boxes) {
    const std::int64_t left_out = tensor.size(dim) - boxes * factor;
    return tensor.narrow(dim, left_out / 2, boxes * factor);
  };
  return filled(filled(image, 0, down), 1, across).flatten(1).unflatten(0, {down, factor});
}

}  // namespace

at::Tensor box_downsampled(const at::Tensor& padded_rgb01, int factor, int margin_px) {
  const at::Tensor sums = boxed_rows(padded_rgb01, factor, margin_px).sum(1);
  const at::Tensor boxes = sums.unflatten(1, {sums.size(1) / (factor * 3), factor, 3}).sum(2);
  return with_margin(boxes.div_(factor * factor), margin_px);
}

void add_box_downsampled_gradient(const at::Tensor& reduced_gradient, int factor, int margin_px,
                                  at::Tensor& gradient) {
  const std::int64_t height = reduced_gradient.size(0) - 2 * margin_px;
  const std::int64_t width = reduced_gradient.size(1) - 2 * margin_px;
  const at::Tensor wide = reduced_gradient.permute({2, 0, 1}).contiguous();
  const at::Tensor boxes =
      at::reflection_pad2d_backward(wide, wide.new_empty({3, height, width}),
                                    {margin_px, margin_px, margin_px, margin_px})
          .permute({1, 2, 0});
  const at::Tensor row = boxes.div(factor * factor).unsqueeze(2).expand({-1, -1, factor, -1});
  boxed_rows(gradient, factor, margin_px).add_(row.reshape({height, 1, width * factor * 3}));
}

}  // namespace styletransfer::detail
