#include "detail/tiles.h"

#include <ATen/Parallel.h>

namespace styletransfer::detail {

#ifdef STYLETRANSFER_HAS_AMX_CODE

STYLETRANSFER_AMX_TARGET void transpose_words(__m512i rows[16]) {
  __m512i pairs[16];
  for (int i = 0; i < 16; i += 2) {
    pairs[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    pairs[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
  }
  __m512i fours[16];
  for (int i = 0; i < 16; i += 4) {
    fours[i] = _mm512_unpacklo_epi64(pairs[i], pairs[i + 2]);
    fours[i + 1] = _mm512_unpackhi_epi64(pairs[i], pairs[i + 2]);
    fours[i + 2] = _mm512_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
    fours[i + 3] = _mm512_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
  }
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

/// 16 n of 32 k each: pairs of k are words, so that a tile is their transpose.
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
