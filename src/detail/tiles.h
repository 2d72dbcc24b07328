// bf16 tiles of 16 rows of 64 bytes: how matrices lie in them.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "detail/amx.h"
#include "detail/bfloat16_bits.h"

#ifdef STYLETRANSFER_HAS_AMX_CODE
#include <immintrin.h>
#endif

namespace styletransfer::detail {

using cpu::Bits;

/// bfloat16 values in a tile.
constexpr int64_t kTileValues = 512;
/// Rows of a left-hand tile, columns of a right-hand one.
constexpr int64_t kTileRows = 16;
/// What a tile product sums over.
constexpr int64_t kTileDepth = 32;

/// Where the hardware wants element (k, n) of a right-hand tile: pairs of k side by side.
constexpr int64_t tile_index(int64_t k, int64_t n) { return (k / 2) * 32 + 2 * n + k % 2; }

inline Bits* bits(const at::Tensor& tensor) {
  return reinterpret_cast<Bits*>(tensor.data_ptr<c10::BFloat16>());
}

/// Right-hand tiles of a matrix given transposed: [n, k] bfloat16, both multiples of 32, to
/// [n / 32][k / 32][two halves of the 32 n]. Only where there are tiles.
[[nodiscard]] at::Tensor right_hand_tiles(const at::Tensor& transposed);

#ifdef STYLETRANSFER_HAS_AMX_CODE
/// Turns a 16 x 16 matrix of 32-bit words over, in registers.
void transpose_words(__m512i rows[16]);
#endif

}  // namespace styletransfer::detail
