// Layout of bfloat16 matrices in AMX tiles of 16 rows of 64 bytes.
//
// A left-hand tile is [16 rows, 32 k], row-major. A right-hand tile is [32 k, 16 columns], stored
// as [16 pairs of k][16 columns][2]: TDPBF16PS multiplies pairs of consecutive k, one 32-bit word
// each.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "kernels/amx/amx.h"
#include "kernels/bfloat16.h"

#ifdef STYLETRANSFER_HAS_AMX_CODE
#include <immintrin.h>
#endif

namespace styletransfer::detail {

using cpu::Bits;

/// bfloat16 values of a tile.
constexpr int64_t kTileValues = 512;
/// Rows of a left-hand tile; columns of a right-hand tile.
constexpr int64_t kTileRows = 16;
/// Length of the dimension that a tile product sums over.
constexpr int64_t kTileDepth = 32;

/// Index of element (k, n) in a right-hand tile.
constexpr int64_t tile_index(int64_t k, int64_t n) { return (k / 2) * 32 + 2 * n + k % 2; }

/// The values of a bfloat16 tensor as bit patterns.
inline Bits* bits(const at::Tensor& tensor) {
  return reinterpret_cast<Bits*>(tensor.data_ptr<c10::BFloat16>());
}

/// Packs a matrix [k, n], given transposed as [n, k] bfloat16 (both multiples of 32), into
/// right-hand tiles in the order [n / 32][k / 32][2 halves of 16 n]. Returns an undefined tensor in
/// builds without AMX code.
[[nodiscard]] at::Tensor right_hand_tiles(const at::Tensor& transposed);

#ifdef STYLETRANSFER_HAS_AMX_CODE
/// Transposes a 16 x 16 matrix of 32-bit words in registers.
void transpose_words(__m512i rows[16]);
#endif

}  // namespace styletransfer::detail
