#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <vector>

#include "detail/cpu_dispatch.h"
#include "styletransfer/losses.h"

namespace styletransfer {
namespace {

/// Squared length of a colour difference, or of its part in the chroma plane: what is left after
/// the part along (1, 1, 1) / sqrt 3 is taken away.
struct Row {
  const float* pixels;
  const float* below;  // null for the last row
  float* gradient;
  float* gradient_below;
  int64_t width;
};

struct Factors {
  float across;  // weight / number of horizontal neighbour pairs
  float down;
  float brightness_share;  // 1/3: taken away (chroma only); 0: kept
};

struct Colour {
  float r, g, b;
};

STYLETRANSFER_INLINE Colour projected_difference(const float* a, const float* b, float share) {
  const float r = a[0] - b[0];
  const float g = a[1] - b[1];
  const float blue = a[2] - b[2];
  const float grey = share * (r + g + blue);
  return {r - grey, g - grey, blue - grey};
}

STYLETRANSFER_INLINE float push_apart(const Colour& d, float factor, float* to, float* from) {
  to[0] += 2.0F * factor * d.r;
  to[1] += 2.0F * factor * d.g;
  to[2] += 2.0F * factor * d.b;
  from[0] -= 2.0F * factor * d.r;
  from[1] -= 2.0F * factor * d.g;
  from[2] -= 2.0F * factor * d.b;
  return factor * (d.r * d.r + d.g * d.g + d.b * d.b);
}

double smooth_row(const Row& row, const Factors& factors) {
  double sum = 0.0;
  for (int64_t x = 0; x < row.width; ++x) {
    const int64_t at = 3 * x;
    if (x + 1 < row.width) {
      const Colour d =
          projected_difference(row.pixels + at + 3, row.pixels + at, factors.brightness_share);
      sum += push_apart(d, factors.across, row.gradient + at + 3, row.gradient + at);
    }
    if (row.below != nullptr) {
      const Colour d =
          projected_difference(row.below + at, row.pixels + at, factors.brightness_share);
      sum += push_apart(d, factors.down, row.gradient_below + at, row.gradient + at);
    }
  }
  return sum;
}

double smooth_on_cpu(const at::Tensor& image, const Factors& factors, at::Tensor& gradient) {
  const int64_t height = image.size(0);
  const int64_t width = image.size(1);
  const float* pixels = image.data_ptr<float>();
  float* slope = gradient.data_ptr<float>();
  std::vector<double> partial(static_cast<size_t>(height));
  // A row writes into itself and the one below: even rows first, then odd ones, so that no two
  // threads meet and the result does not depend on their number.
  for (const int64_t parity : {0, 1}) {
    at::parallel_for(0, (height - parity + 1) / 2, 8, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        const int64_t y = 2 * i + parity;
        const int64_t at = 3 * y * width;
        const bool has_below = y + 1 < height;
        partial[static_cast<size_t>(y)] =
            smooth_row({pixels + at, has_below ? pixels + at + 3 * width : nullptr, slope + at,
                        slope + at + 3 * width, width},
                       factors);
      }
    });
  }
  double sum = 0.0;
  for (const double value : partial) sum += value;
  return sum;
}

/// In: the colors that count, [h, w, 3].
DeferredNumber smooth_along(const at::Tensor& colors, int64_t axis, double factor,
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

DeferredNumber add_smoothness(const at::Tensor& image_rgb01, bool chroma_only, double weight,
                              at::Tensor& gradient) {
  const int64_t height = image_rgb01.size(0);
  const int64_t width = image_rgb01.size(1);
  const double across = width > 1 ? weight / static_cast<double>(height * (width - 1)) : 0.0;
  const double down = height > 1 ? weight / static_cast<double>((height - 1) * width) : 0.0;
  const double brightness_share = chroma_only ? 1.0 / 3.0 : 0.0;
  if (image_rgb01.is_cpu() && image_rgb01.scalar_type() == at::kFloat &&
      image_rgb01.is_contiguous() && gradient.is_contiguous()) {
    return smooth_on_cpu(image_rgb01,
                         {static_cast<float>(across), static_cast<float>(down),
                          static_cast<float>(brightness_share)},
                         gradient);
  }
  // Differences of the part in the chroma plane are that part of the differences.
  const at::Tensor colors =
      chroma_only ? at::sub(image_rgb01, image_rgb01.sum(2, /*keepdim=*/true), brightness_share)
                  : image_rgb01;
  DeferredNumber value = smooth_along(colors, 1, across, gradient);
  value += smooth_along(colors, 0, down, gradient);
  return value;
}

}  // namespace styletransfer
