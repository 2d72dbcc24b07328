// Matrix products in float32, as small blocks of the result that are summed over the whole depth in
// registers: the inner loops of the convolutions on processors without bf16 units. Every value is
// summed in one order, whatever is computed beside it.
#pragma once

#include <cstdint>

namespace styletransfer::detail::cpu {

/// Columns of a slice. A matrix in slices, [columns / 16, rows, 16], has the rows' values of a
/// slice beside each other, so that one address leads to all of them.
constexpr std::int64_t kSliceColumns = 16;
/// Columns of a panel, a right-hand side [depth, 32].
constexpr std::int64_t kPanelColumns = 32;
/// Values of a block [32, 32], a part of a panel.
constexpr std::int64_t kBlockValues = kPanelColumns * kPanelColumns;

/// The panel that comes next, of the same depth, to be fetched from memory meanwhile: its first
/// block, and the values from one block to the next. Null: none is fetched.
struct NextPanel {
  const float* block = nullptr;
  std::int64_t pitch = kBlockValues;
};

/// In: left [rows, depth] in slices, panel [depth, 32]; depth a multiple of 32. Out: their product
/// [rows, 32], in slices.
void multiply_panel(const float* left, std::int64_t rows, std::int64_t depth, const float* panel,
                    float* product, NextPanel next);

/// A block [32, 32] with rows and columns exchanged.
void transpose_block(const float* block, float* transposed);

}  // namespace styletransfer::detail::cpu
