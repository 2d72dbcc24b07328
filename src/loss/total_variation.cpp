#include "loss/total_variation.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <vector>

#include "device/cpu_dispatch.h"

namespace styletransfer {
namespace {

/// One row of the image, the row below it, and the same rows of the gradient; [width, 3] each.
struct Row {
  const float* pixels;
  const float* below;  // null for the last row
  float* gradient;
  float* gradient_below;
  int64_t width;
};

struct Factors {
  float across;  // weight / number of horizontal neighbor pairs
  float down;
  float brightness_share;  // 1/3: removes brightness (chroma only); 0: keeps it
};

struct Color {
  float r, g, b;
};

/// Color difference a - b; with share = 1/3, its component in the chroma plane: the component along
/// (1, 1, 1) / sqrt 3 is subtracted.
STYLETRANSFER_INLINE Color projected_difference(const float* a, const float* b, float share) {
  const float r = a[0] - b[0];
  const float g = a[1] - b[1];
  const float blue = a[2] - b[2];
  const float gray = share * (r + g + blue);
  return {r - gray, g - gray, blue - gray};
}

/// Adds the gradient of factor * |d|^2, with d = to - from, to both pixels. Returns the value.
STYLETRANSFER_INLINE float add_pair(const Color& d, float factor, float* to, float* from) {
  to[0] += 2.0F * factor * d.r;
  to[1] += 2.0F * factor * d.g;
  to[2] += 2.0F * factor * d.b;
  from[0] -= 2.0F * factor * d.r;
  from[1] -= 2.0F * factor * d.g;
  from[2] -= 2.0F * factor * d.b;
  return factor * (d.r * d.r + d.g * d.g + d.b * d.b);
}

/// Value and gradient of a row's horizontal pairs and of its pairs with the row below.
double total_variation_row(const Row& row, const Factors& factors) {
  double sum = 0.0;
  for (int64_t x = 0; x < row.width; ++x) {
    const int64_t at = 3 * x;
    if (x + 1 < row.width) {
      const Color d =
          projected_difference(row.pixels + at + 3, row.pixels + at, factors.brightness_share);
      sum += add_pair(d, factors.across, row.gradient + at + 3, row.gradient + at);
    }
    if (row.below != nullptr) {
      const Color d =
          projected_difference(row.below + at, row.pixels + at, factors.brightness_share);
      sum += add_pair(d, factors.down, row.gradient_below + at, row.gradient + at);
    }
  }
  return sum;
}

double total_variation_on_cpu(const at::Tensor& image, const Factors& factors,
                              at::Tensor& gradient) {
  const int64_t height = image.size(0);
  const int64_t width = image.size(1);
  const float* pixels = image.data_ptr<float>();
  float* gradients = gradient.data_ptr<float>();
  std::vector<double> partial(static_cast<size_t>(height));
  // A row writes to its own gradient and to that of the row below. Even rows are processed first,
  // then odd ones, so that threads do not conflict and the result does not depend on their number.
  for (const int64_t parity : {0, 1}) {
    at::parallel_for(0, (height - parity + 1) / 2, 8, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        const int64_t y = 2 * i + parity;
        const int64_t at = 3 * y * width;
        const bool has_below = y + 1 < height;
        partial[static_cast<size_t>(y)] =
            total_variation_row({pixels + at, has_below ? pixels + at + 3 * width : nullptr,
                                 gradients + at, gradients + at + 3 * width, width},
                                factors);
      }
    });
  }
  double sum = 0.0;
  for (const double value : partial) sum += value;
  return sum;
}

/// One direction, in LibTorch operations. In: colors [h, w, 3], already projected.
DeferredNumber total_variation_along(const at::Tensor& colors, int64_t axis, double factor,
                                     at::Tensor& gradient) {
  const int64_t pairs = colors.size(axis) - 1;
  if (pairs == 0) return 0.0;
  const at::Tensor d = colors.narrow(axis, 1, pairs) - colors.narrow(axis, 0, pairs);
  gradient.narrow(axis, 1, pairs).add_(d, 2.0 * factor);
  gradient.narrow(axis, 0, pairs).sub_(d, 2.0 * factor);
  DeferredNumber value(d.square().sum(d.is_mps() ? at::kFloat : at::kDouble));
  value *= factor;
  return value;
}

}  // namespace

DeferredNumber add_total_variation(const at::Tensor& image_rgb01, bool chroma_only, double weight,
                                   at::Tensor& gradient) {
  const int64_t height = image_rgb01.size(0);
  const int64_t width = image_rgb01.size(1);
  const double across = width > 1 ? weight / static_cast<double>(height * (width - 1)) : 0.0;
  const double down = height > 1 ? weight / static_cast<double>((height - 1) * width) : 0.0;
  const double brightness_share = chroma_only ? 1.0 / 3.0 : 0.0;
  if (image_rgb01.is_cpu() && image_rgb01.scalar_type() == at::kFloat &&
      image_rgb01.is_contiguous() && gradient.is_contiguous()) {
    return total_variation_on_cpu(image_rgb01,
                                  {static_cast<float>(across), static_cast<float>(down),
                                   static_cast<float>(brightness_share)},
                                  gradient);
  }
  // The projection to the chroma plane is linear, so it can be applied to the colors first.
  const at::Tensor colors =
      chroma_only ? at::sub(image_rgb01, image_rgb01.sum(2, /*keepdim=*/true), brightness_share)
                  : image_rgb01;
  DeferredNumber value = total_variation_along(colors, 1, across, gradient);
  value += total_variation_along(colors, 0, down, gradient);
  return value;
}

}  // namespace styletransfer
