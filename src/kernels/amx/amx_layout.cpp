#include "kernels/amx/amx_layout.h"

#include <ATen/Parallel.h>

namespace styletransfer::detail {

#ifdef STYLETRANSFER_HAS_AMX_CODE

// Three stages of shuffles: exchange 32-bit words between neighboring rows, then 64-bit pairs
// between rows two apart (now each 128-bit lane holds a 4 x 1 column), then whole 128-bit lanes
// between rows four and eight apart. All 16 rows stay in registers.
STYLETRANSFER_AMX_TARGET void transpose_words(__m512i rows[16]) {
  // pairs[i], pairs[i + 1]: columns 0-1 and 2-3 of every lane, from rows i and i + 1.
  __m512i pairs[16];
  for (int i = 0; i < 16; i += 2) {
    pairs[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    pairs[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
  }
  // fours[i + j]: column j of every lane, from rows i to i + 3.
  __m512i fours[16];
  for (int i = 0; i < 16; i += 4) {
    fours[i] = _mm512_unpacklo_epi64(pairs[i], pairs[i + 2]);
    fours[i + 1] = _mm512_unpackhi_epi64(pairs[i], pairs[i + 2]);
    fours[i + 2] = _mm512_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
    fours[i + 3] = _mm512_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
  }
  // Output row i + 4 n is column i of lane n, from the four groups of rows.
  for (int i = 0; i < 4; ++i) {
    const __m512i low_even = _mm512_shuffle_i32x4(fours[i], fours[i + 4], 0x88);
    const __m512i low_odd = _mm512_shuffle_i32x4(fours[i], fours[i + 4], 0xdd);
    const __m512i high_even = _mm512_shuffle_i32x4(fours[i + 8], fours[i + 12], 0x88);
    const __m512i high_odd = _mm512_shuffle_i32x4(fours[i + 8], fours[i + 12], 0xdd);
    rows[i] = _mm512_shuffle_i32x4(low_even, high_even, 0x88);
    rows[i + 4] = _mm512_shuffle_i32x4(low_odd, high_odd, 0x88);
    rows[i + 8] = _mm512_shuffle_i32x4(low_even, high_even, 0xdd);
    rows[i + 12] = _mm512_shuffle_i32x4(low_odd, high_odd, 0xdd);
  }
}

namespace {

/// Packs [16 n, 32 k] into a right-hand tile. As a matrix of 32-bit words (pairs of k), the source
/// is [16 n, 16 pairs] and the tile [16 pairs, 16 n]: its transpose.
STYLETRANSFER_AMX_TARGET void pack_tile(const Bits* from, int64_t row_values, Bits* to) {
  __m512i rows[16];
  for (int64_t n = 0; n < kTileRows; ++n) rows[n] = _mm512_loadu_si512(from + n * row_values);
  transpose_words(rows);
  for (int64_t k = 0; k < kTileRows; ++k) _mm512_storeu_si512(to + 2 * kTileRows * k, rows[k]);
}

}  // namespace

at::Tensor right_hand_tiles(const at::Tensor& transposed) {
  const at::Tensor matrix = transposed.contiguous();
  const int64_t depth = matrix.size(1);
  const int64_t steps = depth / kTileDepth;
  at::Tensor tiles = at::empty({matrix.numel()}, matrix.options());
  // One task per 16 rows of the transposed matrix, which are a half of a 32-column block.
  at::parallel_for(0, matrix.size(0) / kTileRows, 4, [&](int64_t begin, int64_t end) {
    for (int64_t half = begin; half < end; ++half) {
      for (int64_t step = 0; step < steps; ++step) {
        const int64_t tile = (half / 2 * steps + step) * 2 + half % 2;
        pack_tile(bits(matrix) + half * kTileRows * depth + step * kTileDepth, depth,
                  bits(tiles) + tile * kTileValues);
      }
    }
  });
  return tiles;
}

#else

at::Tensor right_hand_tiles(const at::Tensor& /*transposed*/) { return {}; }

#endif

}  // namespace styletransfer::detail
