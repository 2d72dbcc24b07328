// 2x2 pooling of 32 bfloat16 channels in AVX-512 registers.
//
// values[corner] holds 32 channels of a cell's corner: 0 top left, 1 top right, 2 bottom left, 3
// bottom right. All values are >= 0 (after ReLU). marks[corner] returns 32 mask bits, channel i in
// bit i.
#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/amx/amx_layout.h"

#ifdef STYLETRANSFER_HAS_AMX_CODE

namespace styletransfer::detail {

/// Maximum of the four corners; marks[] has the first corner that attains it, or none where the
/// maximum is 0 (the ReLU blocks that gradient).
STYLETRANSFER_AMX_TARGET inline __m512i max_of_four(const __m512i values[4], uint32_t marks[4]) {
  // Nonnegative bfloat16 numbers are ordered like their bits as signed 16-bit integers.
  const __m512i max = _mm512_max_epi16(_mm512_max_epi16(values[0], values[1]),
                                       _mm512_max_epi16(values[2], values[3]));
  // Channels whose maximum has not been assigned to a corner yet.
  uint32_t left = _mm512_cmpgt_epi16_mask(max, _mm512_setzero_si512());
  for (int corner = 0; corner < 4; ++corner) {
    marks[corner] = left & _mm512_cmpeq_epi16_mask(values[corner], max);
    left &= ~marks[corner];
  }
  return max;
}

/// Mean of four corners in float32, for 16 of the 32 channels.
STYLETRANSFER_AMX_TARGET inline __m512 mean_of_four(const __m256i values[4]) {
  const auto wide = [&](int i) STYLETRANSFER_AMX_TARGET {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(values[i]), 16));
  };
  return _mm512_mul_ps(_mm512_set1_ps(0.25F), _mm512_add_ps(_mm512_add_ps(wide(0), wide(1)),
                                                            _mm512_add_ps(wide(2), wide(3))));
}

/// Mean of the four corners, computed in float32 and rounded to bfloat16; marks[] has the corners
/// that are positive (where the ReLU lets the gradient through).
STYLETRANSFER_AMX_TARGET inline __m512i average_of_four(const __m512i values[4],
                                                        uint32_t marks[4]) {
  __m256i low[4];
  __m256i high[4];
  for (int corner = 0; corner < 4; ++corner) {
    marks[corner] = _mm512_cmpgt_epi16_mask(values[corner], _mm512_setzero_si512());
    low[corner] = _mm512_castsi512_si256(values[corner]);
    high[corner] = _mm512_extracti64x4_epi64(values[corner], 1);
  }
  const __m512bh rounded = _mm512_cvtne2ps_pbh(mean_of_four(high), mean_of_four(low));
  __m512i result;
  std::memcpy(&result, &rounded, sizeof(result));
  return result;
}

}  // namespace styletransfer::detail

#endif
