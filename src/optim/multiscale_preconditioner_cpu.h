// CPU loops over rows of images, compiled per processor level.
#pragma once

#include <cstdint>

namespace styletransfer::detail::cpu {

/// result = sum of weights[i] * rows[i] over four rows of `count` elements.
void four_rows(const float* const* rows, const float* weights, float* result, std::int64_t count);

/// result = near * near_weight + far * far_weight over two rows of `count` elements.
void two_rows(const float* near, float near_weight, const float* far, float far_weight,
              float* result, std::int64_t count);

/// Halves a row of `width` RGB pixels: averages of pairs and half their neighbors, (1 3 3 1) / 8.
/// The row must have room for one pixel before it and two after it, which are overwritten.
void halve_row(float* row, std::int64_t width, float* result);

/// Enlarges a row of ceil(width / 2) RGB pixels and adds it to `base`: `result` gets `width`
/// pixels. The row must have room for one pixel before and one after it, which are overwritten.
void add_doubled_row(float* row, std::int64_t width, const float* base, float* result);

}  // namespace styletransfer::detail::cpu
