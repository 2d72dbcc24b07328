// Projections counted and looked up on octave_grid by a device's own operations, without waiting
// for it.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace styletransfer::detail {

/// Counts are whole numbers: kCountUnit for each position, times kWeightUnit where positions have
/// weights. Their sums are the same in whatever order a device adds them up.
inline constexpr double kCountUnit = 1 << 18;
inline constexpr double kWeightUnit = 1 << 20;

/// Projections that are counted or looked up at a time: bounds the memory of their places.
inline constexpr std::int64_t kMaxPieceProjections = std::int64_t{1} << 21;

/// Bytes of a device that counting, looking up and carrying take at the most, for a layer of so
/// many channels of which so many projections (positions times channels) arrive at a time.
[[nodiscard]] std::int64_t projection_work_bytes(std::int64_t projections, std::int64_t channels);

/// Adds projections [C, n] (float32, or bfloat16) to the counts [C, octave_grid::kNodes] int64 of
/// the two nodes that each lies between. weights: [n] float32, 0 .. 1, or undefined.
void add_projection_counts(const at::Tensor& projections, const at::Tensor& weights,
                           const at::Tensor& counts);

/// The element of a table [C, octave_grid::kNodes - 1] for each projection [C, n]: that of its
/// lower node. Out: [C, n], the table's dtype.
[[nodiscard]] at::Tensor looked_up(const at::Tensor& table, const at::Tensor& projections);

/// How the distributions `seen` are carried to others: by row both [C, kNodes], float64, each
/// adding up to 1.
struct CarriedDistributions {
  at::Tensor squared_distance;  // of all rows together, no dimensions
  at::Tensor slopes;            // [C, kNodes - 1]: what moving a part one node up adds, a distance
};
/// cumulated_wanted: the distributions carried to, added up along each row.
[[nodiscard]] CarriedDistributions carry_distributions(const at::Tensor& seen,
                                                       const at::Tensor& cumulated_wanted);

}  // namespace styletransfer::detail
