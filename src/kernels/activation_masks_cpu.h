// Bit masks of activations on the CPU: plain loops that are compiled once per x86-64 level.
// Features and gradients are [positions, channels], masks [positions, ceil(channels / 8)]
// (layout of a byte: kernels/activation_masks.h).
#pragma once

#include <cstdint>

#include "kernels/elementwise_cpu.h"

namespace styletransfer::detail::cpu {

/// mask = features > 0, for `positions` consecutive positions.
void make_relu_mask(const float* features, std::int64_t positions, std::int64_t channels,
                    std::uint8_t* mask);
void make_relu_mask(const Bits* features, std::int64_t positions, std::int64_t channels,
                    std::uint8_t* mask);
/// gradient = 0 where the mask is not set.
void apply_mask(float* gradient, std::int64_t positions, std::int64_t channels,
                const std::uint8_t* mask);
void apply_mask(Bits* gradient, std::int64_t positions, std::int64_t channels,
                const std::uint8_t* mask);

/// Masks of one row of 2x2 cells. In: two consecutive input rows [2, in_width, channels]. Out:
/// their masks [2, in_width, bytes], except for an odd last column.
void make_pool_mask(PoolBackward mode, RowShape shape, const float* in, std::uint8_t* mask);
void make_pool_mask(PoolBackward mode, RowShape shape, const Bits* in, std::uint8_t* mask);

/// One row of the gradient of a pooling's input. In: one row of the pooled gradient
/// [out_width, channels] and the input row's mask. Out: [in_width, channels], an odd last column 0.
void unpool_row(bool average, RowShape shape, const float* pooled, const std::uint8_t* mask,
                float* gradient);
void unpool_row(bool average, RowShape shape, const Bits* pooled, const std::uint8_t* mask,
                Bits* gradient);

}  // namespace styletransfer::detail::cpu
