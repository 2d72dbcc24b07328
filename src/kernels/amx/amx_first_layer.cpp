#include "kernels/amx/amx_first_layer.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "kernels/amx/amx.h"
#include "kernels/amx/amx_layout.h"

namespace styletransfer::detail {
namespace {

constexpr int64_t kFeatures = 64;
constexpr int64_t kTilePixels = kTileRows;
// A packed pixel has 8 bfloat16 values (16 bytes): the upper parts of R, G, B, their lower parts,
// and two zeros.
constexpr int64_t kPackedValues = 8;
// Forward pass: a tile row of 64 bytes is a window of four neighboring packed pixels, so one tile
// product sums over the three taps of a kernel row; the fourth pixel is multiplied by zero weights.
// The windows of neighboring pixels overlap: the tile is loaded with a stride of one packed pixel.
constexpr int64_t kPackedWindow = 4;

Bits nearest_bfloat16(float value) { return c10::BFloat16(value).x; }
float value_of(Bits bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16U); }

/// float32 as the sum of two bfloat16: the nearest one, and the nearest one to the remainder.
struct Split {
  Bits upper;
  Bits lower;
};
Split split(float value) {
  const Bits upper = nearest_bfloat16(value);
  return {upper, nearest_bfloat16(value - value_of(upper))};
}

at::Tensor zero_tiles(int64_t count) { return at::zeros({count, kTileValues}, at::kBFloat16); }

/// Forward weights as right-hand tiles [row of the kernel][upper, lower part of the weights][64
/// features / 16]. The tile of upper parts meets both parts of a pixel, that of lower parts only
/// the upper one: upper * upper + lower * upper + upper * lower. The product of the two lower parts
/// (2^-18 of the whole or less, like the remainder of the split) is omitted.
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
          // Position of (tap x, channel c) in a window; + 3 is the pixel's lower part.
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

/// Backward weights (kernels rotated by 180 degrees) as right-hand tiles [y][x][64 features / 32],
/// each [32 features, 16 columns], of which 6 are used: for R, G, B the upper parts in columns 0 to
/// 2 and the lower parts in columns 3 to 5. The sums of both are added at the end.
at::Tensor pack_backward(const at::Tensor& weight) {
  at::Tensor tiles = zero_tiles(3 * 3 * 2);
  const auto w = weight.accessor<float, 4>();
  for (int64_t feature = 0; feature < kFeatures; ++feature) {
    for (int64_t y = 0; y < 3; ++y) {
      for (int64_t x = 0; x < 3; ++x) {
        Bits* tile = bits(tiles) + ((y * 3 + x) * 2 + feature / 32) * kTileValues;
        for (int64_t c = 0; c < 3; ++c) {
          // Rotated: the gradient of a convolution is a convolution with the rotated kernel.
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

/// Packs one row of pixels (minus offset), starting at packed pixel 1. Pixel 0 and those after the
/// row are zero already: the padding.
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

/// Adds the bias, applies the ReLU and rounds to bfloat16: sums [16 pixels, 16 features] to the
/// first `count` pixels of [count, 64].
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

/// One row of features from three packed rows. Blocks of 2 x 16 pixels by 2 x 16 features in tiles
/// 0 to 3 (the sums), as in amx_convolution.cpp; the 64 features take two such blocks (`half`).
/// Each sum is the total of 6 tile products: 3 kernel rows times 2 parts of the weights.
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

/// One row of pixel gradients from three rows of feature gradients, each padded with one zero pixel
/// before the first and at least 16 zero pixels after the last. A left-hand tile is 16 pixels by 32
/// features, read in place; tiles 0 and 1 hold the sums of 32 pixels, and a pair of weight tiles
/// (4, 5: the two halves of the features) is used for both.
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
    // Columns 0-2 and 3-5 are the parts from the weights' upper and lower halves.
    const int64_t count = std::min(2 * kTilePixels, width - x);
    for (int64_t pixel = 0; pixel < count; ++pixel) {
      const float* sum = sums[pixel / kTilePixels] + 16 * (pixel % kTilePixels);
      for (int64_t c = 0; c < 3; ++c) pixel_gradient[3 * (x + pixel) + c] = sum[c] + sum[c + 3];
    }
  }
}

#endif

}  // namespace

bool AmxFirstLayer::is_usable(const at::Tensor& weight) {
  return amx::is_usable() && weight.is_cpu() &&
         weight.sizes() == at::IntArrayRef({kFeatures, 3, 3, 3});
}

AmxFirstLayer::AmxFirstLayer(const at::Tensor& weight, const at::Tensor& bias)
    : forward_amx_(pack_forward(weight.to(at::kFloat).contiguous())),
      backward_amx_(pack_backward(weight.to(at::kFloat).contiguous())),
      bias_(bias.to(at::kFloat).contiguous()) {}

#ifdef STYLETRANSFER_HAS_AMX_CODE

at::Tensor AmxFirstLayer::forward_relu(const at::Tensor& pixels, const at::Tensor& offset,
                                       Rows rows) const {
  const int64_t height = pixels.size(0);
  const int64_t width = pixels.size(1);
  const at::Tensor offset_values = offset.to(at::kCPU, at::kFloat).contiguous();
  at::Tensor features = at::empty({rows.count(), width, kFeatures}, at::kBFloat16);
  // One pixel of left padding, a full block of 32 pixels after the last, and the rest of a window:
  // tile loads past the end of a row read zeros.
  const int64_t packed_row = (width + 2 * kTilePixels + kPackedWindow) * kPackedValues;
  at::parallel_for(rows.first, rows.last, 8, [&](int64_t first, int64_t last) {
    const amx::AmxTileScope tiles;
    // Each thread packs the rows first - 1 .. last that it needs; those outside the image stay
    // zero. At 16 bytes per pixel they are small compared to the 128 bytes of its features.
    std::vector<Bits> packed(static_cast<size_t>((last - first + 2) * packed_row), Bits{0});
    for (int64_t y = std::max<int64_t>(0, first - 1); y < std::min(height, last + 1); ++y) {
      pack_row(pixels.data_ptr<float>() + y * width * 3, offset_values.data_ptr<float>(), width,
               packed.data() + (y - first + 1) * packed_row);
    }
    for (int64_t y = first; y < last; ++y) {
      forward_row(packed.data() + (y - first) * packed_row, packed_row, width, bits(forward_amx_),
                  bias_.data_ptr<float>(), bits(features) + (y - rows.first) * width * kFeatures);
    }
  });
  return features;
}

void AmxFirstLayer::backward_input(const at::Tensor& gradient, int64_t first_row, Rows rows,
                                   const at::Tensor& pixel_gradient) const {
  const int64_t last_row = first_row + gradient.size(0);
  const int64_t width = gradient.size(1);
  const int64_t padded_row = (width + 2 * kTilePixels + 2) * kFeatures;
  at::parallel_for(rows.first, rows.last, 8, [&](int64_t first, int64_t last) {
    const amx::AmxTileScope tiles;
    // A ring buffer of three padded rows, and a fourth one that stays zero and stands in for rows
    // without a gradient. The copy adds the left and right padding.
    std::vector<Bits> padded(static_cast<size_t>(4 * padded_row), Bits{0});
    const auto row = [&](int64_t y) {
      return padded.data() + (y < first_row || y >= last_row ? 3 : y % 3) * padded_row;
    };
    // Copies row y into its slot of the ring; the slot's old row y - 3 is no longer needed.
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
      backward_row(around, width, bits(backward_amx_),
                   pixel_gradient.data_ptr<float>() + (y - rows.first) * width * 3);
    }
  });
}

#else

at::Tensor AmxFirstLayer::forward_relu(const at::Tensor&, const at::Tensor&, Rows) const {
  return {};
}
void AmxFirstLayer::backward_input(const at::Tensor&, int64_t, Rows, const at::Tensor&) const {}

#endif

}  // namespace styletransfer::detail
