#include "kernels/amx/row_source.h"

#include <algorithm>
#include <cstring>

#include "kernels/amx/amx.h"

namespace styletransfer::detail {

StoredRows::StoredRows(const at::Tensor& features, int64_t first)
    : features_(features.contiguous()), first_(first) {}

const Bits* StoredRows::columns(int64_t row, int64_t first, int64_t /*last*/,
                                Scratch& /*scratch*/) const {
  if (row < first_ || row >= first_ + features_.size(0)) return nullptr;
  return bits(features_) + ((row - first_) * features_.size(1) + first) * features_.size(2);
}

UnpooledRows::UnpooledRows(PoolKind kind, const at::Tensor& pooled_gradient, const at::Tensor& mask)
    : kind_(kind), pooled_gradient_(pooled_gradient.contiguous()), mask_(mask) {}

#ifdef STYLETRANSFER_HAS_AMX_CODE

namespace {

/// 32 bfloat16 values divided by 4. Exact except for numbers that become subnormal.
STYLETRANSFER_AMX_TARGET __m512i quarter(__m512i values) {
  const auto wide = [](__m256i half) STYLETRANSFER_AMX_TARGET {
    return _mm512_mul_ps(_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16)),
                         _mm512_set1_ps(0.25F));
  };
  const __m512bh rounded = _mm512_cvtne2ps_pbh(wide(_mm512_extracti64x4_epi64(values, 1)),
                                               wide(_mm512_castsi512_si256(values)));
  __m512i result;
  std::memcpy(&result, &rounded, sizeof(result));
  return result;
}

/// Computes columns [first, last) of a row of the gradient, all of which belong to cells. `pooled`
/// (one pooled row) and `mask` (one row of bits) start at column 0. 32 channels are one vector, and
/// their 32 mask bits are loaded as an AVX-512 mask register.
STYLETRANSFER_AMX_TARGET void unpool_columns(bool average, const Bits* pooled, const uint8_t* mask,
                                             int64_t first, int64_t last, int64_t channels,
                                             Bits* to) {
  const uint8_t* own_mask = mask + first * channels / 8;
  for (int64_t x = first; x < last; ++x) {
    const Bits* from = pooled + x / 2 * channels;
    for (int64_t c = 0; c < channels; c += kTileDepth) {
      __m512i value = _mm512_loadu_si512(from + c);
      if (average) value = quarter(value);
      uint32_t passes;
      std::memcpy(&passes, own_mask, sizeof(passes));
      _mm512_storeu_si512(to, _mm512_maskz_mov_epi16(passes, value));
      own_mask += sizeof(passes);
      to += kTileDepth;
    }
  }
}

}  // namespace

const Bits* UnpooledRows::columns(int64_t row, int64_t first, int64_t last,
                                  Scratch& scratch) const {
  if (row < 0 || row >= 2 * pooled_gradient_.size(0)) return nullptr;
  const int64_t channels = pooled_gradient_.size(2);
  // The buffer is allocated once per thread and width; every region reuses it.
  if (!scratch.values.defined() || scratch.values.numel() < (last - first) * channels) {
    scratch.values = at::empty({(last - first) * channels}, pooled_gradient_.options());
  }
  Bits* to = bits(scratch.values);
  // An odd last column belongs to no cell; its gradient is 0.
  const int64_t end = std::min(last, 2 * pooled_gradient_.size(1));
  unpool_columns(kind_ == PoolKind::kAverage,
                 bits(pooled_gradient_) + row / 2 * pooled_gradient_.size(1) * channels,
                 mask_.data_ptr<uint8_t>() + row * mask_.size(1) * mask_.size(2), first, end,
                 channels, to);
  std::fill(to + (end - first) * channels, to + (last - first) * channels, Bits{0});
  return to;
}

#else

const Bits* UnpooledRows::columns(int64_t /*row*/, int64_t /*first*/, int64_t /*last*/,
                                  Scratch& /*scratch*/) const {
  return nullptr;
}

#endif

}  // namespace styletransfer::detail
