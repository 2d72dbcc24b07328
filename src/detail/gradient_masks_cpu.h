// Bit masks on the CPU, in plain loops, compiled per processor level.
#pragma once

#include <cstdint>

#include "detail/kernels_cpu.h"

namespace styletransfer::detail::cpu {

/// Of `positions` neighbouring positions; their masks follow one another.
void mark_positive(const float* features, std::int64_t positions, std::int64_t channels,
                   std::uint8_t* mask);
void mark_positive(const Bits* features, std::int64_t positions, std::int64_t channels,
                   std::uint8_t* mask);
void pass(float* gradient, std::int64_t positions, std::int64_t channels, const std::uint8_t* mask);
void pass(Bits* gradient, std::int64_t positions, std::int64_t channels, const std::uint8_t* mask);

/// Two input rows (in_width x channels each, one after the other) to their masks, laid out alike.
void mark_cells(PoolBackward mode, RowShape shape, const float* in, std::uint8_t* mask);
void mark_cells(PoolBackward mode, RowShape shape, const Bits* in, std::uint8_t* mask);

/// One row of a pooling's input gradient: out_width pooled values to in_width ones, of which an odd
/// last one gets nothing.
void unpool_row(bool average, RowShape shape, const float* pooled, const std::uint8_t* mask,
                float* gradient);
void unpool_row(bool average, RowShape shape, const Bits* pooled, const std::uint8_t* mask,
                Bits* gradient);

}  // namespace styletransfer::detail::cpu
