#include "detail/gram_tiles.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "detail/amx.h"
#include "detail/tiles.h"

namespace styletransfer::detail {

bool gram_tiles_usable(const at::Tensor& features) {
  return features.is_cpu() && features.scalar_type() == at::kBFloat16 && features.dim() == 2 &&
         features.is_contiguous() && features.size(1) % 64 == 0 && amx::is_usable();
}

#ifdef STYLETRANSFER_HAS_AMX_CODE

namespace {

constexpr int64_t kTileChannels = 16;
// Positions in one tile product.
constexpr int64_t kStep = 32;
// Positions packed at a time: with 512 channels both forms of the pack take 1 MB, which stays in
// the second-level cache while every pair of channels uses it.
constexpr int64_t kPiece = 512;

STYLETRANSFER_AMX_TARGET __m512 widened(__m256i values) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(values), 16));
}

/// 16 bfloat16 values times a factor, rounded again.
STYLETRANSFER_AMX_TARGET __m256i scaled(__m256i values, float factor) {
  const __m256bh rounded =
      _mm512_cvtneps_pbh(_mm512_mul_ps(widened(values), _mm512_set1_ps(factor)));
  __m256i result;
  std::memcpy(&result, &rounded, sizeof(result));
  return result;
}

/// Packs 32 positions of 16 channels both ways a product needs them: `right` has pairs of
/// positions side by side (row: pair, column: channel), `left` is its transpose. Each position is
/// multiplied by its factor, where there are `factors`.
STYLETRANSFER_AMX_TARGET void pack_tile(const Bits* from, int64_t channels, int64_t positions,
                                        const float* factors, Bits* left, Bits* right) {
  __m512i rows[16];
  for (int64_t pair = 0; pair < 16; ++pair) {
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

/// sums[32 channels from `row`][32 channels from `column`] += products over `steps` packed steps.
/// Tiles of a channel group follow one another by step.
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
  // A piece is summed by itself first: thousands of small numbers added one by one to a large sum
  // would lose its last digits.
  alignas(64) float piece[4][256];
  _tile_stored(0, piece[0], 64);
  _tile_stored(1, piece[1], 64);
  _tile_stored(2, piece[2], 64);
  _tile_stored(3, piece[3], 64);
  for (int64_t tile = 0; tile < 4; ++tile) {
    for (int64_t row = 0; row < 16; ++row) {
      float* to = sums + (tile / 2 * 16 + row) * channels + tile % 2 * 16;
      _mm512_storeu_ps(to,
                       _mm512_add_ps(_mm512_loadu_ps(to), _mm512_load_ps(piece[tile] + 16 * row)));
    }
  }
}

bool all_zero(const float* values, int64_t count) {
  return std::all_of(values, values + count, [](float value) { return value == 0.0F; });
}

/// Adds the upper triangle of F^T F, in blocks of 32 x 32, to sums [channels, channels]; with
/// `roots`, each position's features times its root. Steps of roots that are all zero cost nothing.
void add_upper_triangle(const Bits* features, const float* roots, int64_t positions,
                        int64_t channels, float* sums) {
  const amx::TileScope tiles;
  const int64_t groups = channels / kTileChannels;
  std::vector<Bits> left(static_cast<size_t>(channels * kPiece));
  std::vector<Bits> right(static_cast<size_t>(channels * kPiece));
  std::array<int64_t, kPiece / kStep> starts{};
  int64_t next = 0;
  while (next < positions) {
    int64_t steps = 0;
    for (; next < positions && steps < kPiece / kStep; next += kStep) {
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

void mirror_upper_triangle(float* matrix, int64_t size) {
  at::parallel_for(0, size, 64, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      for (int64_t column = 0; column < row; ++column) {
        matrix[row * size + column] = matrix[column * size + row];
      }
    }
  });
}

/// gradient (16 channels of one position) = (gradient + weight * sums) where the features are
/// positive.
STYLETRANSFER_AMX_TARGET void add_row(Bits* gradient, const Bits* features, const float* sums,
                                      float weight, bool through_relu) {
  __m256i old;
  std::memcpy(&old, gradient, sizeof(old));
  const __m256bh rounded = _mm512_cvtneps_pbh(
      _mm512_fmadd_ps(_mm512_load_ps(sums), _mm512_set1_ps(weight), widened(old)));
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

/// 32 positions (of which `count` are real) of gradient += M F S.
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

/// Positions without weight get nothing but the ReLU's gradient.
void shut_where_not_positive(Bits* gradient, const Bits* features, int64_t values) {
  for (int64_t i = 0; i < values; ++i) {
    gradient[i] = static_cast<int16_t>(features[i]) > 0 ? gradient[i] : Bits{0};
  }
}

/// [positions] float32 as a pointer; null: none.
const float* floats(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.data_ptr<float>() : nullptr;
}

const float* from_position(const float* values, int64_t first) {
  return values == nullptr ? nullptr : values + first;
}

}  // namespace

at::Tensor gram_product_on_tiles(const at::Tensor& features, const at::Tensor& weights) {
  const at::Tensor roots = weights.defined() ? weights.sqrt() : weights;
  const int64_t positions = features.size(0);
  const int64_t channels = features.size(1);
  // One share of positions a thread, whose sums are added in order: the same for the same count.
  const int64_t shares =
      std::max<int64_t>(1, std::min<int64_t>(at::get_num_threads(), positions / kPiece));
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

void add_gram_gradient_on_tiles_(at::Tensor& gradient, const at::Tensor& features,
                                 const at::Tensor& factor, bool through_relu,
                                 const at::Tensor& weights) {
  constexpr int64_t kBlock = 32;
  const int64_t positions = features.size(0);
  const int64_t channels = features.size(1);
  const at::Tensor tiles = right_hand_tiles(factor);
  at::parallel_for(0, (positions + kBlock - 1) / kBlock, 8, [&](int64_t begin, int64_t end) {
    const amx::TileScope scope;
    std::vector<Bits> last_block;
    for (int64_t block = begin; block < end; ++block) {
      const int64_t first = block * kBlock;
      const int64_t count = std::min(kBlock, positions - first);
      const Bits* from = bits(features) + first * channels;
      Bits* to = bits(gradient) + first * channels;
      const float* own_weights = from_position(floats(weights), first);
      if (own_weights != nullptr && all_zero(own_weights, count)) {
        if (through_relu) shut_where_not_positive(to, from, count * channels);
        continue;
      }
      if (count < kBlock) {
        // Tiles read whole blocks: the last, partial one from a copy.
        last_block.assign(static_cast<size_t>(kBlock * channels), Bits{0});
        std::copy(from, from + count * channels, last_block.begin());
        from = last_block.data();
      }
      add_positions(to, from, own_weights, bits(tiles), channels, count, through_relu);
    }
  });
}

#else

at::Tensor gram_product_on_tiles(const at::Tensor& /*features*/, const at::Tensor& /*weights*/) {
  return {};
}
void add_gram_gradient_on_tiles_(at::Tensor& /*gradient*/, const at::Tensor& /*features*/,
                                 const at::Tensor& /*factor*/, bool /*through_relu*/,
                                 const at::Tensor& /*weights*/) {}

#endif

}  // namespace styletransfer::detail
