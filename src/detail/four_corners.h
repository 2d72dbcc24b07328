// A pooling cell in vector registers: 32 bfloat16 values from each of four corners, none negative.
#pragma once

#include <cstdint>
#include <cstring>

#include "detail/tiles.h"

#ifdef STYLETRANSFER_HAS_AMX_CODE

namespace styletransfer::detail {

/// The largest of four values, and where it stands first; nowhere if it is zero.
STYLETRANSFER_AMX_TARGET inline __m512i largest_of_four(const __m512i values[4],
                                                        uint32_t marks[4]) {
  // Bit patterns of numbers that are not negative are ordered like the numbers.
  const __m512i most = _mm512_max_epi16(_mm512_max_epi16(values[0], values[1]),
                                        _mm512_max_epi16(values[2], values[3]));
  uint32_t left = _mm512_cmpgt_epi16_mask(most, _mm512_setzero_si512());
  for (int corner = 0; corner < 4; ++corner) {
    marks[corner] = left & _mm512_cmpeq_epi16_mask(values[corner], most);
    left &= ~marks[corner];
  }
  return most;
}

/// Half of 32 bfloat16 values as float32, their mean of four rounded.
STYLETRANSFER_AMX_TARGET inline __m512 mean_of_four(const __m256i values[4]) {
  const auto wide = [&](int i) STYLETRANSFER_AMX_TARGET {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(values[i]), 16));
  };
  return _mm512_mul_ps(_mm512_set1_ps(0.25F), _mm512_add_ps(_mm512_add_ps(wide(0), wide(1)),
                                                            _mm512_add_ps(wide(2), wide(3))));
}

/// The mean of four values, and which of them are positive.
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
