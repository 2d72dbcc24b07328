// Histograms and table lookup of projections on log_bins, for GPUs.
//
// Composed of LibTorch operations that do not wait for the device.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace styletransfer::detail {

/// Counts are integers: kCountUnit per position, times kWeightUnit if positions have weights.
/// Integer sums do not depend on the order in which a device adds them, so results are
/// reproducible.
inline constexpr double kCountUnit = 1 << 18;
inline constexpr double kWeightUnit = 1 << 20;

/// Projections that are counted or looked up at a time; bounds the memory of the temporaries.
inline constexpr std::int64_t kMaxChunkProjections = std::int64_t{1} << 21;

/// Upper bound of the device memory, in bytes, that the functions below use for a layer with
/// `channels` channels if `projections` (positions * channels) arrive at a time.
[[nodiscard]] std::int64_t projection_work_bytes(std::int64_t projections, std::int64_t channels);

/// Adds projections [C, n] (float32 or bfloat16) to the histograms `counts` [C, log_bins::kNodes]
/// int64; each projection is shared between the two nodes around it. weights: [n] float32, 0 .. 1,
/// or undefined for all 1.
void add_projection_counts(const at::Tensor& projections, const at::Tensor& weights,
                           const at::Tensor& counts);

/// Looks up each projection [C, n] in a table [C, log_bins::kNodes - 1] by its lower node. Out: [C,
/// n] in the table's dtype.
[[nodiscard]] at::Tensor looked_up(const at::Tensor& table, const at::Tensor& projections);

/// One-dimensional optimal transport of C distributions to C others.
struct CarriedDistributions {
  at::Tensor squared_distance;  // sum over all rows, 0-dimensional
  at::Tensor
      slopes;  // [C, kNodes - 1]: derivative of the cost of moving mass from a node to the next
};
/// In: seen [C, kNodes] float64, each row adding up to 1; cumulated_wanted: the target
/// distributions, cumulated along each row, same shape.
[[nodiscard]] CarriedDistributions carry_distributions(const at::Tensor& seen,
                                                       const at::Tensor& cumulated_wanted);

}  // namespace styletransfer::detail
