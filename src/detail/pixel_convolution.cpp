#include "detail/pixel_convolution.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "detail/amx.h"
#include "detail/tiles.h"

namespace styletransfer::detail {
namespace {

constexpr int64_t kFeatures = 64;
constexpr int64_t kTilePixels = kTileRows;
// A packed pixel: three values' upper halves, three lower halves, two zeros.
constexpr int64_t kPackedValues = 8;
// Four neighbouring packed pixels fill a tile row; the fourth meets zero weights.
constexpr int64_t kPackedWindow = 4;

Bits nearest_bfloat16(float value) { return c10::BFloat16(value).x; }
float value_of(Bits bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16U); }

/// A float32 as the sum of two bfloat16.
struct Split {
  Bits upper;
  Bits lower;
};
Split split(float value) {
  const Bits upper = nearest_bfloat16(value);
  return {upper, nearest_bfloat16(value - value_of(upper))};
}

at::Tensor zero_tiles(int64_t count) { return at::zeros({count, kTileValues}, at::kBFloat16); }

/// Tiles [row of the 3x3 window][upper, lower half of the weights][16 features].
at::Tensor pack_forward(const at::Tensor& weight) {
  at::Tensor tiles = zero_tiles(3 * 2 * 4);
  const auto w = weight.accessor<float, 4>();
  for (int64_t feature = 0; feature < kFeatures; ++feature) {
    for (int64_t y = 0; y < 3; ++y) {
      for (int64_t x = 0; x < 3; ++x) {
        for (int64_t c = 0; c < 3; ++c) {
          const Split value = split(w[feature][c][y][x]);
          Bits* upper = bits(tiles) + ((y * 2 + 0) * 4 + feature / 16) * kTileValues;
          Bits* lower = bits(tiles) + ((y * 2 + 1) * 4 + feature / 16) * kTileValues;
          const int64_t k = x * kPackedValues + c;
          upper[tile_index(k, feature % 16)] = value.upper;
          upper[tile_index(k + 3, feature % 16)] = value.upper;
          lower[tile_index(k, feature % 16)] = value.lower;
        }
      }
    }
  }
  return tiles;
}

/// Tiles [y][x of the turned window][32 features]; columns: three upper, three lower halves.
at::Tensor pack_backward(const at::Tensor& weight) {
  at::Tensor tiles = zero_tiles(3 * 3 * 2);
  const auto w = weight.accessor<float, 4>();
  for (int64_t feature = 0; feature < kFeatures; ++feature) {
    for (int64_t y = 0; y < 3; ++y) {
      for (int64_t x = 0; x < 3; ++x) {
        Bits* tile = bits(tiles) + ((y * 3 + x) * 2 + feature / 32) * kTileValues;
        for (int64_t c = 0; c < 3; ++c) {
          const Split value = split(w[feature][c][2 - y][2 - x]);
          tile[tile_index(feature % 32, c)] = value.upper;
          tile[tile_index(feature % 32, c + 3)] = value.lower;
        }
      }
    }
  }
  return tiles;
}

#ifdef STYLETRANSFER_HAS_AMX_CODE

/// Pixels of one row, split and packed, with one zero pixel before and zeros after.
void pack_row(const float* pixels, const float* offset, int64_t width, Bits* packed) {
  for (int64_t x = 0; x < width; ++x) {
    Bits* to = packed + (x + 1) * kPackedValues;
    for (int64_t c = 0; c < 3; ++c) {
      const Split value = split(pixels[3 * x + c] - offset[c]);
      to[c] = value.upper;
      to[c + 3] = value.lower;
    }
  }
}

/// sums [16 pixels, 16 features] + bias, ReLU, to bfloat16, for the first `count` pixels.
STYLETRANSFER_AMX_TARGET void store_features(const float* sums, const float* bias, int64_t count,
                                             Bits* to) {
  const __m512 shift = _mm512_loadu_ps(bias);
  for (int64_t pixel = 0; pixel < count; ++pixel) {
    const __m512 value =
        _mm512_max_ps(_mm512_add_ps(_mm512_load_ps(sums + 16 * pixel), shift), _mm512_setzero_ps());
    const __m256bh rounded = _mm512_cvtneps_pbh(value);
    std::memcpy(to + kFeatures * pixel, &rounded, sizeof(rounded));
  }
}

/// One row of features from three packed rows. Two groups of 16 pixels share each weight tile.
STYLETRANSFER_AMX_TARGET void forward_row(const Bits* packed, int64_t packed_row, int64_t width,
                                          const Bits* weights, const float* bias, Bits* features) {
  constexpr int64_t kPixelBytes = kPackedValues * 2;
  alignas(64) float sums[4][256];
  for (int64_t x = 0; x < width; x += 2 * kTilePixels) {
    for (int64_t half = 0; half < 2; ++half) {
      _tile_zero(0);
      _tile_zero(1);
      _tile_zero(2);
      _tile_zero(3);
      for (int64_t y = 0; y < 3; ++y) {
        const Bits* from = packed + y * packed_row + x * kPackedValues;
        _tile_loadd(4, from, kPixelBytes);
        _tile_loadd(5, from + kTilePixels * kPackedValues, kPixelBytes);
        for (int64_t part = 0; part < 2; ++part) {
          const Bits* tile = weights + ((y * 2 + part) * 4 + 2 * half) * kTileValues;
          _tile_loadd(6, tile, 64);
          _tile_loadd(7, tile + kTileValues, 64);
          _tile_dpbf16ps(0, 4, 6);
          _tile_dpbf16ps(1, 4, 7);
          _tile_dpbf16ps(2, 5, 6);
          _tile_dpbf16ps(3, 5, 7);
        }
      }
      _tile_stored(0, sums[0], 64);
      _tile_stored(1, sums[1], 64);
      _tile_stored(2, sums[2], 64);
      _tile_stored(3, sums[3], 64);
      for (int64_t group = 0; group < 2; ++group) {
        const int64_t first = x + group * kTilePixels;
        const int64_t count = std::min(kTilePixels, width - first);
        for (int64_t block = 0; block < 2 && count > 0; ++block) {
          const int64_t feature = 32 * half + 16 * block;
          store_features(sums[2 * group + block], bias + feature, count,
                         features + first * kFeatures + feature);
        }
      }
    }
  }
}

/// One row of pixel gradients from three rows of feature gradients, each with one zero pixel
/// before the first and at least 16 zero pixels after the last.
STYLETRANSFER_AMX_TARGET void backward_row(const Bits* const rows[3], int64_t width,
                                           const Bits* weights, float* pixel_gradient) {
  constexpr int64_t kPixelBytes = kFeatures * 2;
  alignas(64) float sums[2][256];
  for (int64_t x = 0; x < width; x += 2 * kTilePixels) {
    _tile_zero(0);
    _tile_zero(1);
    for (int64_t y = 0; y < 3; ++y) {
      for (int64_t dx = 0; dx < 3; ++dx) {
        const Bits* from = rows[y] + (x + dx) * kFeatures;
        const Bits* tile = weights + (y * 3 + dx) * 2 * kTileValues;
        _tile_loadd(4, tile, 64);
        _tile_loadd(5, tile + kTileValues, 64);
        _tile_loadd(2, from, kPixelBytes);
        _tile_dpbf16ps(0, 2, 4);
        _tile_loadd(3, from + 32, kPixelBytes);
        _tile_dpbf16ps(0, 3, 5);
        _tile_loadd(6, from + kTilePixels * kFeatures, kPixelBytes);
        _tile_dpbf16ps(1, 6, 4);
        _tile_loadd(7, from + kTilePixels * kFeatures + 32, kPixelBytes);
        _tile_dpbf16ps(1, 7, 5);
      }
    }
    _tile_stored(0, sums[0], 64);
    _tile_stored(1, sums[1], 64);
    const int64_t count = std::min(2 * kTilePixels, width - x);
    for (int64_t pixel = 0; pixel < count; ++pixel) {
      const float* sum = sums[pixel / kTilePixels] + 16 * (pixel % kTilePixels);
      for (int64_t c = 0; c < 3; ++c) pixel_gradient[3 * (x + pixel) + c] = sum[c] + sum[c + 3];
    }
  }
}

#endif

}  // namespace

bool PixelConvolution::is_usable(const at::Tensor& weight) {
  return amx::is_usable() && weight.is_cpu() &&
         weight.sizes() == at::IntArrayRef({kFeatures, 3, 3, 3});
}

PixelConvolution::PixelConvolution(const at::Tensor& weight, const at::Tensor& bias)
    : forward_tiles_(pack_forward(weight.to(at::kFloat).contiguous())),
      backward_tiles_(pack_backward(weight.to(at::kFloat).contiguous())),
      bias_(bias.to(at::kFloat).contiguous()) {}

#ifdef STYLETRANSFER_HAS_AMX_CODE

at::Tensor PixelConvolution::forward_relu(const at::Tensor& pixels, const at::Tensor& offset,
                                          Rows rows) const {
  const int64_t height = pixels.size(0);
  const int64_t width = pixels.size(1);
  const at::Tensor offset_values = offset.to(at::kCPU, at::kFloat).contiguous();
  at::Tensor features = at::empty({rows.count(), width, kFeatures}, at::kBFloat16);
  const int64_t packed_row = (width + 2 * kTilePixels + kPackedWindow) * kPackedValues;
  at::parallel_for(rows.first, rows.last, 8, [&](int64_t first, int64_t last) {
    const amx::TileScope tiles;
    // Packed rows first - 1 .. last, of which those outside the picture stay zero.
    std::vector<Bits> packed(static_cast<size_t>((last - first + 2) * packed_row), Bits{0});
    for (int64_t y = std::max<int64_t>(0, first - 1); y < std::min(height, last + 1); ++y) {
      pack_row(pixels.data_ptr<float>() + y * width * 3, offset_values.data_ptr<float>(), width,
               packed.data() + (y - first + 1) * packed_row);
    }
    for (int64_t y = first; y < last; ++y) {
      forward_row(packed.data() + (y - first) * packed_row, packed_row, width, bits(forward_tiles_),
                  bias_.data_ptr<float>(), bits(features) + (y - rows.first) * width * kFeatures);
    }
  });
  return features;
}

void PixelConvolution::backward_input(const at::Tensor& gradient, int64_t first_row, Rows rows,
                                      const at::Tensor& pixel_gradient) const {
  const int64_t last_row = first_row + gradient.size(0);
  const int64_t width = gradient.size(1);
  const int64_t padded_row = (width + 2 * kTilePixels + 2) * kFeatures;
  at::parallel_for(rows.first, rows.last, 8, [&](int64_t first, int64_t last) {
    const amx::TileScope tiles;
    // Three padded rows in turn, and one that is always zero for above and below the picture.
    std::vector<Bits> padded(static_cast<size_t>(4 * padded_row), Bits{0});
    const auto row = [&](int64_t y) {
      return padded.data() + (y < first_row || y >= last_row ? 3 : y % 3) * padded_row;
    };
    const auto fill = [&](int64_t y) {
      if (y < first_row || y >= last_row) return;
      std::memcpy(row(y) + kFeatures, bits(gradient) + (y - first_row) * width * kFeatures,
                  static_cast<size_t>(width * kFeatures) * sizeof(Bits));
    };
    fill(first - 1);
    fill(first);
    for (int64_t y = first; y < last; ++y) {
      fill(y + 1);
      const Bits* around[3] = {row(y - 1), row(y), row(y + 1)};
      backward_row(around, width, bits(backward_tiles_),
                   pixel_gradient.data_ptr<float>() + (y - rows.first) * width * 3);
    }
  });
}

#else

at::Tensor PixelConvolution::forward_relu(const at::Tensor&, const at::Tensor&, Rows) const {
  return {};
}
void PixelConvolution::backward_input(const at::Tensor&, int64_t, Rows, const at::Tensor&) const {}

#endif

}  // namespace styletransfer::detail
