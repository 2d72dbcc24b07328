#include "loss/style/projection_histogram.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "loss/style/log_bins.h"

namespace styletransfer::detail {
namespace {

namespace grid = log_bins;

/// Positions of projections between nodes.
struct Places {
  at::Tensor lower;        // [C, n] int64: the node below
  at::Tensor upper_share;  // [C, n] int64: share of kCountUnit that belongs to the node above
};

/// log_bins::position_of in float32, for whole tensors.
Places places_of(const at::Tensor& projections) {
  constexpr int kShift = grid::bits::kShift<float>;
  static_assert(kCountUnit == 1 << kShift);
  const at::Tensor values = projections.to(at::kFloat);
  const at::Tensor beyond = values.abs()
                                .add_(grid::kOrigin)
                                .view(at::kInt)
                                .to(at::kLong)
                                .sub_(std::int64_t{grid::bits::kFirst<float>});
  const at::Tensor step = beyond.bitwise_right_shift(kShift).clamp_max_(grid::kSteps - 1);
  const at::Tensor past = beyond.bitwise_and((std::int64_t{1} << kShift) - 1);
  const at::Tensor is_negative = values.lt(0);
  return {at::where(is_negative, grid::kSteps - 1 - step, step + grid::kSteps),
          at::where(is_negative, (std::int64_t{1} << kShift) - past, past)};
}

at::Tensor node_values(c10::Device device) {
  std::vector<double> values(grid::kNodes);
  for (std::int64_t node = 0; node < grid::kNodes; ++node) {
    values[static_cast<std::size_t>(node)] = grid::value_at(node);
  }
  return at::tensor(values, at::kDouble).to(device, /*non_blocking=*/true);
}

}  // namespace

std::int64_t projection_work_bytes(std::int64_t projections, std::int64_t channels) {
  // places_of: the projections, their float32 copy, a bool for the sign, and eight temporary int64
  // tensors.
  constexpr std::int64_t kBytesAProjection = 4 + 4 + 1 + 8 * 8;
  // carry_distributions: 24 float64 or int64 tensors with one element per node.
  constexpr std::int64_t kBytesANode = 24 * 8;
  return std::max(kBytesAProjection * std::min(projections, kMaxChunkProjections),
                  kBytesANode * channels * grid::kNodes);
}

void add_projection_counts(const at::Tensor& projections, const at::Tensor& weights,
                           const at::Tensor& counts) {
  const Places places = places_of(projections);
  at::Tensor upper = places.upper_share;
  at::Tensor lower = static_cast<std::int64_t>(kCountUnit) - upper;
  if (weights.defined()) {
    const at::Tensor units = weights.mul(kWeightUnit).round_().to(at::kLong);
    upper = upper * units;
    lower = lower * units;
  }
  counts.scatter_add_(1, places.lower, lower);
  counts.scatter_add_(1, places.lower + 1, upper);
}

at::Tensor looked_up(const at::Tensor& table, const at::Tensor& projections) {
  return table.gather(1, places_of(projections).lower);
}

CarriedDistributions carry_distributions(const at::Tensor& seen,
                                         const at::Tensor& cumulated_wanted) {
  // Cumulated sums that are equal in exact arithmetic may differ by rounding.
  constexpr double kRounding = 1e-12;
  const at::Tensor values = node_values(seen.device());
  const at::Tensor cumulated = seen.cumsum(1);
  // The cumulated heights of both distributions divide 0 .. 1 into intervals in each of which all
  // mass moves from one node to one other node.
  const at::Tensor ends = std::get<0>(at::cat({cumulated, cumulated_wanted}, 1).sort(1));
  const at::Tensor begins = at::constant_pad_nd(ends.narrow(1, 0, ends.size(1) - 1), {1, 0});
  const at::Tensor middles = (begins + ends).mul_(0.5);
  // The quantile function: the value of the node at a cumulated height; above the total mass, that
  // of the highest node with mass.
  const auto values_at = [&](const at::Tensor& parts, const at::Tensor& heights, bool above) {
    const at::Tensor top = parts.narrow(1, grid::kNodes - 1, 1) - kRounding;
    const at::Tensor nodes = at::searchsorted(parts, at::minimum(heights, top),
                                              /*out_int32=*/false, /*right=*/above);
    return values.take(nodes.clamp_max_(grid::kNodes - 1));
  };
  const at::Tensor distances =
      values_at(cumulated, middles, false) - values_at(cumulated_wanted, middles, false);
  CarriedDistributions result;
  result.squared_distance = (ends - begins).mul_(distances.square_()).sum();
  // Mass that is moved up from a node is transported to the target's quantile just above its
  // height.
  const at::Tensor heights = cumulated.narrow(1, 0, grid::kNodes - 1) + kRounding;
  const at::Tensor steps =
      values.narrow(0, 0, grid::kNodes - 1) + values.narrow(0, 1, grid::kNodes - 1);
  result.slopes = steps - values_at(cumulated_wanted, heights, true).mul_(2.0);
  return result;
}

}  // namespace styletransfer::detail
