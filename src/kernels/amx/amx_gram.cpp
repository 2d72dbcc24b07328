#include "kernels/amx/amx_gram.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "kernels/amx/amx.h"
#include "kernels/amx/amx_layout.h"

namespace styletransfer::detail {

bool amx_gram_usable(const at::Tensor& features) {
  return features.is_cpu() && features.scalar_type() == at::kBFloat16 && features.dim() == 2 &&
         features.is_contiguous() && features.size(1) % 64 == 0 && amx::is_usable();
}

#ifdef STYLETRANSFER_HAS_AMX_CODE

namespace {

// Channels of a tile (rows of a left-hand, columns of a right-hand one).
constexpr int64_t kTileChannels = 16;
// Positions that one tile product sums over.
constexpr int64_t kStep = 32;
// Positions packed at a time. With 512 channels the two packed forms take 0.5 MB each, which stays
// in the second-level cache (2 MB) while every pair of channel groups reads them.
constexpr int64_t kChunk = 512;

/// bfloat16 to float32.
STYLETRANSFER_AMX_TARGET __m512 padded(__m256i values) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(values), 16));
}

/// 16 bfloat16 values times a factor, rounded to bfloat16.
STYLETRANSFER_AMX_TARGET __m256i scaled(__m256i values, float factor) {
  const __m256bh rounded =
      _mm512_cvtneps_pbh(_mm512_mul_ps(padded(values), _mm512_set1_ps(factor)));
  __m256i result;
  std::memcpy(&result, &rounded, sizeof(result));
  return result;
}

/// Packs 32 positions of 16 channels in both forms a product F^T F needs. `right` is [16 pairs of
/// positions, 16 channels, 2] (the right-hand layout of AMX: two consecutive values of the summed
/// dimension share a 32-bit word); `left` is [16 channels, 32 positions], which is the transpose of
/// those words. If `factors` are given, each position is multiplied by its factor. Positions from
/// `positions` on are zero.
STYLETRANSFER_AMX_TARGET void pack_tile(const Bits* from, int64_t channels, int64_t positions,
                                        const float* factors, Bits* left, Bits* right) {
  __m512i rows[16];
  for (int64_t pair = 0; pair < 16; ++pair) {
    // 16 channels of a position as 32-bit words; the odd position of a pair goes to the upper
    // halves.
    const auto load = [&](int64_t position) STYLETRANSFER_AMX_TARGET {
      __m256i value = _mm256_setzero_si256();
      if (position < positions) {
        std::memcpy(&value, from + position * channels, sizeof(value));
        if (factors != nullptr) value = scaled(value, factors[position]);
      }
      return _mm512_cvtepu16_epi32(value);
    };
    rows[pair] = _mm512_or_si512(load(2 * pair), _mm512_slli_epi32(load(2 * pair + 1), 16));
    _mm512_storeu_si512(right + 32 * pair, rows[pair]);
  }
  transpose_words(rows);
  for (int64_t row = 0; row < 16; ++row) _mm512_storeu_si512(left + 32 * row, rows[row]);
}

/// Adds a block of 32 x 32 channel pairs, summed over `steps` * 32 positions, to `sums`, a part of
/// [channels, channels]. The tiles of a group of 16 channels are consecutive by step, the two
/// groups of a block `steps` tiles apart. Same register blocking as the convolution: four tiles of
/// sums, four loads for four products.
STYLETRANSFER_AMX_TARGET void multiply_block(const Bits* left, const Bits* right, int64_t steps,
                                             float* sums, int64_t channels) {
  const int64_t group = steps * kTileValues;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (int64_t step = 0; step < steps; ++step) {
    _tile_loadd(4, left + step * kTileValues, 64);
    _tile_loadd(5, left + group + step * kTileValues, 64);
    _tile_loadd(6, right + step * kTileValues, 64);
    _tile_loadd(7, right + group + step * kTileValues, 64);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  // Each chunk of 512 positions is summed separately and then added to the total: adding thousands
  // of small products one by one to a large float32 sum would lose their low-order bits.
  alignas(64) float chunk[4][256];
  _tile_stored(0, chunk[0], 64);
  _tile_stored(1, chunk[1], 64);
  _tile_stored(2, chunk[2], 64);
  _tile_stored(3, chunk[3], 64);
  for (int64_t tile = 0; tile < 4; ++tile) {
    for (int64_t row = 0; row < 16; ++row) {
      float* to = sums + (tile / 2 * 16 + row) * channels + tile % 2 * 16;
      _mm512_storeu_ps(to,
                       _mm512_add_ps(_mm512_loadu_ps(to), _mm512_load_ps(chunk[tile] + 16 * row)));
    }
  }
}

bool all_zero(const float* values, int64_t count) {
  return std::all_of(values, values + count, [](float value) { return value == 0.0F; });
}

/// Adds the upper triangle of F^T F, in blocks of 32 x 32, to sums [channels, channels]. With
/// `roots` (square roots of position weights), each position's features are multiplied by its root,
/// so that the product is weighted. Steps of 32 positions whose roots are all zero are skipped,
/// which makes small masks fast.
void add_upper_triangle(const Bits* features, const float* roots, int64_t positions,
                        int64_t channels, float* sums) {
  const amx::AmxTileScope tiles;
  const int64_t groups = channels / kTileChannels;
  std::vector<Bits> left(static_cast<size_t>(channels * kChunk));
  std::vector<Bits> right(static_cast<size_t>(channels * kChunk));
  // First positions of the steps in the current chunk (not contiguous if some are skipped).
  std::array<int64_t, kChunk / kStep> starts{};
  int64_t next = 0;
  // Per chunk: select up to 16 steps of 32 positions, pack all channel groups of them, then
  // multiply every pair of groups on or above the diagonal (as blocks of 2 x 2 groups).
  while (next < positions) {
    int64_t steps = 0;
    for (; next < positions && steps < kChunk / kStep; next += kStep) {
      if (roots != nullptr && all_zero(roots + next, std::min(kStep, positions - next))) continue;
      starts[static_cast<size_t>(steps++)] = next;
    }
    for (int64_t step = 0; step < steps; ++step) {
      const int64_t start = starts[static_cast<size_t>(step)];
      for (int64_t group = 0; group < groups; ++group) {
        const int64_t tile = (group * steps + step) * kTileValues;
        pack_tile(features + start * channels + group * kTileChannels, channels,
                  std::min(kStep, positions - start), roots == nullptr ? nullptr : roots + start,
                  left.data() + tile, right.data() + tile);
      }
    }
    for (int64_t row = 0; row < groups; row += 2) {
      for (int64_t column = row; column < groups; column += 2) {
        multiply_block(left.data() + row * steps * kTileValues,
                       right.data() + column * steps * kTileValues, steps,
                       sums + (row * channels + column) * kTileChannels, channels);
      }
    }
  }
}

/// Copies the upper triangle of a [size, size] matrix to the lower one.
void mirror_upper_triangle(float* matrix, int64_t size) {
  at::parallel_for(0, size, 64, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      for (int64_t column = 0; column < row; ++column) {
        matrix[row * size + column] = matrix[column * size + row];
      }
    }
  });
}

/// 16 channels of one position: gradient += weight * sums, rounded to bfloat16 and, with
/// `through_relu`, set to 0 where the features are not positive.
STYLETRANSFER_AMX_TARGET void add_row(Bits* gradient, const Bits* features, const float* sums,
                                      float weight, bool through_relu) {
  __m256i old;
  std::memcpy(&old, gradient, sizeof(old));
  const __m256bh rounded = _mm512_cvtneps_pbh(
      _mm512_fmadd_ps(_mm512_load_ps(sums), _mm512_set1_ps(weight), padded(old)));
  __m256i value;
  std::memcpy(&value, &rounded, sizeof(value));
  if (through_relu) {
    __m256i feature;
    std::memcpy(&feature, features, sizeof(feature));
    const __mmask16 positive = _mm256_cmpgt_epi16_mask(feature, _mm256_setzero_si256());
    value = _mm256_maskz_mov_epi16(positive, value);
  }
  std::memcpy(gradient, &value, sizeof(value));
}

/// gradient += M F S for 32 positions, M the diagonal matrix of position weights (null: identity),
/// S the factor as right-hand tiles. Blocks of 32 positions x 32 channels; left-hand tiles are read
/// from F in place, with a stride of one position. `features` must have 32 readable positions; the
/// gradient is written for the first `count` only. M is applied to the sums, which rounds once.
STYLETRANSFER_AMX_TARGET void add_positions(Bits* gradient, const Bits* features,
                                            const float* weights, const Bits* factor,
                                            int64_t channels, int64_t count, bool through_relu) {
  alignas(64) float sums[4][256];
  const int64_t row_bytes = channels * 2;
  const int64_t steps = channels / kStep;
  for (int64_t column = 0; column < channels / kTileChannels; column += 2) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    // Right-hand tiles of these 32 columns: steps * 2 consecutive tiles (right_hand_tiles).
    const Bits* tiles = factor + column * steps * kTileValues;
    for (int64_t step = 0; step < steps; ++step) {
      _tile_loadd(4, features + step * kStep, row_bytes);
      _tile_loadd(5, features + 16 * channels + step * kStep, row_bytes);
      _tile_loadd(6, tiles + 2 * step * kTileValues, 64);
      _tile_loadd(7, tiles + (2 * step + 1) * kTileValues, 64);
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, sums[0], 64);
    _tile_stored(1, sums[1], 64);
    _tile_stored(2, sums[2], 64);
    _tile_stored(3, sums[3], 64);
    for (int64_t position = 0; position < count; ++position) {
      const int64_t at = position * channels + column * kTileChannels;
      const float* sum = sums[position / 16 * 2] + position % 16 * 16;
      const float weight = weights == nullptr ? 1.0F : weights[position];
      add_row(gradient + at, features + at, sum, weight, through_relu);
      add_row(gradient + at + 16, features + at + 16, sum + 256, weight, through_relu);
    }
  }
}

/// gradient = 0 where the features are not positive. For blocks whose weights are all zero: they
/// get no Gram gradient, but the ReLU's gradient still applies.
void zero_where_not_positive(Bits* gradient, const Bits* features, int64_t values) {
  for (int64_t i = 0; i < values; ++i) {
    gradient[i] = static_cast<int16_t>(features[i]) > 0 ? gradient[i] : Bits{0};
  }
}

/// Pointer to a float32 tensor [positions]; null if undefined.
const float* floats(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.data_ptr<float>() : nullptr;
}

/// values + first; null stays null.
const float* from_position(const float* values, int64_t first) {
  return values == nullptr ? nullptr : values + first;
}

}  // namespace

at::Tensor amx_gram_product(const at::Tensor& features, const at::Tensor& weights) {
  const at::Tensor roots = weights.defined() ? weights.sqrt() : weights;
  const int64_t positions = features.size(0);
  const int64_t channels = features.size(1);
  // One share of positions per thread (a multiple of 32), each with its own matrix of sums. These
  // are added in order, so the result is reproducible for a given number of threads.
  const int64_t shares =
      std::max<int64_t>(1, std::min<int64_t>(at::get_num_threads(), positions / kChunk));
  const int64_t share = ((positions + shares - 1) / shares + kStep - 1) / kStep * kStep;
  at::Tensor sums = at::zeros({shares, channels, channels}, at::kFloat);
  at::parallel_for(0, shares, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = std::min(positions, i * share);
      add_upper_triangle(bits(features) + first * channels, from_position(floats(roots), first),
                         std::min(share, positions - first), channels,
                         sums.data_ptr<float>() + i * channels * channels);
    }
  });
  at::Tensor sum = sums[0];
  for (int64_t i = 1; i < shares; ++i) sum.add_(sums[i]);
  mirror_upper_triangle(sum.data_ptr<float>(), channels);
  return sum;
}

void add_amx_gram_gradient_(at::Tensor& gradient, const at::Tensor& features,
                            const at::Tensor& factor, bool through_relu,
                            const at::Tensor& weights) {
  constexpr int64_t kBlock = 32;
  const int64_t positions = features.size(0);
  const int64_t channels = features.size(1);
  const at::Tensor tiles = right_hand_tiles(factor);
  at::parallel_for(0, (positions + kBlock - 1) / kBlock, 8, [&](int64_t begin, int64_t end) {
    const amx::AmxTileScope scope;
    std::vector<Bits> last_block;
    for (int64_t block = begin; block < end; ++block) {
      const int64_t first = block * kBlock;
      const int64_t count = std::min(kBlock, positions - first);
      const Bits* from = bits(features) + first * channels;
      Bits* to = bits(gradient) + first * channels;
      const float* own_weights = from_position(floats(weights), first);
      if (own_weights != nullptr && all_zero(own_weights, count)) {
        if (through_relu) zero_where_not_positive(to, from, count * channels);
        continue;
      }
      if (count < kBlock) {
        // Tile loads read 32 positions: a partial last block is copied and padded with zeros.
        last_block.assign(static_cast<size_t>(kBlock * channels), Bits{0});
        std::copy(from, from + count * channels, last_block.begin());
        from = last_block.data();
      }
      add_positions(to, from, own_weights, bits(tiles), channels, count, through_relu);
    }
  });
}

#else

at::Tensor amx_gram_product(const at::Tensor& /*features*/, const at::Tensor& /*weights*/) {
  return {};
}
void add_amx_gram_gradient_(at::Tensor& /*gradient*/, const at::Tensor& /*features*/,
                            const at::Tensor& /*factor*/, bool /*through_relu*/,
                            const at::Tensor& /*weights*/) {}

#endif

}  // namespace styletransfer::detail
