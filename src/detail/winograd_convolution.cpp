#include "detail/winograd_convolution.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <vector>

#include "detail/feature_layout.h"
#include "detail/winograd_transforms.h"

namespace styletransfer::detail {
namespace {

using cpu::kWinogradInput;
using cpu::kWinogradOutput;
using cpu::kWinogradProducts;
using cpu::WinogradKernel;

// Fewer channels are not worth the transforms.
constexpr int64_t kLeastChannels = 64;
// Tiles worked on at a time: enough for the products to make use of the weights they read, few
// enough for what lies between the transforms to stay in the caches, and no power of two, because
// planes at such a distance would all want the same places there.
constexpr int64_t kTilesAtOnce = 136;

/// A kernel [3, 3] at the pairs of points, `distance` values from one to the next.
void kernel_at_points(const float* kernel, float* to, int64_t distance) {
  std::array<std::array<double, 3>, kWinogradInput> down{};
  for (size_t x = 0; x < 3; ++x) {
    const auto column = cpu::winograd_kernel({kernel[x], kernel[3 + x], kernel[6 + x]});
    for (size_t point = 0; point < column.size(); ++point) down.at(point).at(x) = column.at(point);
  }
  for (const auto& row : down) {
    for (const double value : cpu::winograd_kernel(row)) {
      *to = static_cast<float>(value);
      to += distance;
    }
  }
}

/// Kernels [out, in, 3, 3] at the pairs of points: [36, in, out].
at::Tensor at_points(const at::Tensor& weight) {
  const int64_t out = weight.size(0);
  const int64_t in = weight.size(1);
  const at::Tensor kernels = weight.contiguous();
  at::Tensor points = at::empty({kWinogradProducts, in, out}, kernels.options());
  at::parallel_for(0, in, 4, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t o = 0; o < out; ++o) {
        kernel_at_points(kernels.const_data_ptr<float>() + (o * in + i) * 9,
                         points.data_ptr<float>() + i * out + o, in * out);
      }
    }
  });
  return points;
}

/// The tiles of a picture that have some of its rows `first_row` .. `first_row` + `height` - 1.
struct TileGrid {
  TileGrid(int64_t first_row, int64_t rows, int64_t columns)
      : height(rows),
        width(columns),
        above(first_row % kWinogradOutput),
        across((columns + kWinogradOutput - 1) / kWinogradOutput),
        down((above + rows + kWinogradOutput - 1) / kWinogradOutput) {}

  int64_t height;
  int64_t width;
  int64_t above;  // rows of the first tiles that are not among these
  int64_t across;
  int64_t down;

  /// The places of a tile's pixels, `size` by `size` from `before` pixels above and left of it on,
  /// in [height, width, channels]; `outside` for those the picture does not have.
  template <typename Value>
  void pixels(int64_t tile, int64_t size, int64_t before, Value* picture, int64_t channels,
              Value* outside, Value** places) const {
    const int64_t top = tile / across * kWinogradOutput - above - before;
    const int64_t left = tile % across * kWinogradOutput - before;
    for (int64_t y = top; y < top + size; ++y) {
      for (int64_t x = left; x < left + size; ++x) {
        const bool is_inside = y >= 0 && y < height && x >= 0 && x < width;
        *places++ = is_inside ? picture + (y * width + x) * channels : outside;
      }
    }
  }
};

/// Room for 36 planes of [tiles, channels], where they lie for fewer tiles as well: one after the
/// other, which the library's product of many matrices at once needs.
class Planes {
 public:
  Planes(int64_t most_tiles, int64_t channels, const at::TensorOptions& options)
      : channels_(channels),
        values_(at::empty({kWinogradProducts * most_tiles * channels}, options)) {}

  [[nodiscard]] at::Tensor matrices(int64_t tiles) const {
    return values_.narrow(0, 0, kWinogradProducts * tiles * channels_)
        .view({kWinogradProducts, tiles, channels_});
  }
  [[nodiscard]] cpu::WinogradPlanes places(int64_t tiles) const {
    return {channels_, tiles * channels_};
  }
  [[nodiscard]] float* tile(int64_t i) const { return values_.data_ptr<float>() + i * channels_; }

 private:
  int64_t channels_;
  at::Tensor values_;
};

/// In: input [h, w, from], contiguous; weight [36, from, to]; bias [to] or undefined.
at::Tensor convolve(const at::Tensor& input, int64_t first_row, const at::Tensor& weight,
                    WinogradKernel kernel, const at::Tensor& bias, bool relu) {
  const int64_t from = weight.size(1);
  const int64_t to = weight.size(2);
  const TileGrid grid(first_row, input.size(0), input.size(1));
  const int64_t tiles = grid.across * grid.down;
  const int64_t at_once = std::min(tiles, kTilesAtOnce);
  at::Tensor output = at::empty({grid.height, grid.width, to}, input.options());
  const Planes before(at_once, from, input.options());
  const Planes after(at_once, to, input.options());
  const std::vector<float> zeros(static_cast<size_t>(from));
  const auto* const read = input.const_data_ptr<float>();
  auto* const written = output.data_ptr<float>();
  const float* const offset = bias.defined() ? bias.const_data_ptr<float>() : nullptr;
  for (int64_t first = 0; first < tiles; first += at_once) {
    const int64_t count = std::min(at_once, tiles - first);
    const cpu::WinogradPlanes before_places = before.places(count);
    at::parallel_for(0, count, 4, [&](int64_t begin, int64_t end) {
      const float* pixels[kWinogradProducts];
      for (int64_t i = begin; i < end; ++i) {
        grid.pixels(first + i, kWinogradInput, 1, read, from, zeros.data(), pixels);
        cpu::winograd_input(pixels, before_places, kernel, before.tile(i));
      }
    });
    at::Tensor products = after.matrices(count);
    at::bmm_out(products, before.matrices(count), weight);
    const cpu::WinogradPlanes after_places = after.places(count);
    at::parallel_for(0, count, 4, [&](int64_t begin, int64_t end) {
      float* pixels[kWinogradOutput * kWinogradOutput];
      for (int64_t i = begin; i < end; ++i) {
        grid.pixels<float>(first + i, kWinogradOutput, 0, written, to, nullptr, pixels);
        cpu::winograd_output(after.tile(i), after_places, kernel, offset, relu, pixels);
      }
    });
  }
  return output;
}

}  // namespace

bool WinogradConvolution::is_usable(const at::Tensor& weight) {
  const auto fits = [](int64_t channels) {
    return channels >= kLeastChannels && channels % cpu::kWinogradLanes == 0;
  };
  return weight.is_cpu() && weight.scalar_type() == at::kFloat && fits(weight.size(0)) &&
         fits(weight.size(1));
}

WinogradConvolution::WinogradConvolution(const at::Tensor& weight, const at::Tensor& bias)
    : weight_(at_points(weight)), bias_(bias.contiguous()) {}

int64_t WinogradConvolution::scratch_bytes() const {
  return kWinogradProducts * kTilesAtOnce * (weight_.size(1) + weight_.size(2)) *
         static_cast<int64_t>(sizeof(float));
}

at::Tensor WinogradConvolution::forward(const at::Tensor& input, bool relu,
                                        int64_t first_row) const {
  return as_batch(convolve(as_features(input).contiguous(), first_row, weight_,
                           WinogradKernel::kStraight, bias_, relu));
}

at::Tensor WinogradConvolution::backward_input(const at::Tensor& gradient,
                                               int64_t first_row) const {
  // A convolution with every kernel turned over and the channels exchanged.
  return as_batch(convolve(as_features(gradient).contiguous(), first_row, weight_.transpose(1, 2),
                           WinogradKernel::kTurned, {}, false));
}

}  // namespace styletransfer::detail
