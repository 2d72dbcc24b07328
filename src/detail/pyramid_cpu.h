// Plain loops over rows of pictures, compiled per processor level.
#pragma once

#include <cstdint>

namespace styletransfer::detail::cpu {

/// result = sum of weights[i] * rows[i] over four rows of `count` elements.
void four_rows(const float* const* rows, const float* weights, float* result, std::int64_t count);

/// result = near * near_weight + far * far_weight over two rows of `count` elements.
void two_rows(const float* near, float near_weight, const float* far, float far_weight,
              float* result, std::int64_t count);

/// Halves a row of `width` pixels of three values: averages of pairs and half their neighbours,
/// (1 3 3 1) / 8. In: the row with room for a pixel before it and two after it, which are written.
void halve_row(float* row, std::int64_t width, float* result);

/// Adds a row of ceil(width / 2) pixels of three values, enlarged, to `base`: `result` gets `width`
/// pixels. In: the row with room for a pixel before and one after it, which are written.
void add_doubled_row(float* row, std::int64_t width, const float* base, float* result);

}  // namespace styletransfer::detail::cpu
