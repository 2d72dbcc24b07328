#include "loss/style/projection_histogram.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "loss/style/log_bins.h"
#include "support/numbers.h"

namespace styletransfer::detail {
namespace {

namespace grid = log_bins;

/// Projections of both signs and many magnitudes, including 0 and the ends of the grid.
at::Tensor projections(std::int64_t directions, std::int64_t positions) {
  at::Tensor values = random_normal({directions, positions}, 1).pow_(3).mul_(20.0);
  values.select(1, 0).zero_();
  values.select(1, 1).fill_(3e5F);
  values.select(1, 2).fill_(-3e5F);
  return values;
}

TEST(ProjectionCounts, GoToTheNodesThatEachLiesBetween) {
  const at::Tensor values = projections(3, 50);
  const at::Tensor weights = at::linspace(0.0, 1.0, 50);
  for (const bool has_weights : {false, true}) {
    const at::Tensor counts = at::zeros({3, grid::kNodes}, at::kLong);
    add_projection_counts(values, has_weights ? weights : at::Tensor(), counts);
    at::Tensor wanted = at::zeros({3, grid::kNodes}, at::kDouble);
    auto to = wanted.accessor<double, 2>();
    for (std::int64_t k = 0; k < 3; ++k) {
      for (std::int64_t i = 0; i < 50; ++i) {
        const auto place = grid::position_of(values[k][i].item<float>());
        const double weight = has_weights ? weights[i].item<double>() : 1.0;
        to[k][place.lower] += weight * (1.0 - static_cast<double>(place.share_of_upper));
        to[k][place.lower + 1] += weight * static_cast<double>(place.share_of_upper);
      }
    }
    const double unit = kCountUnit * (has_weights ? kWeightUnit : 1.0);
    EXPECT_LT(relative_error(counts.to(at::kDouble) / unit, wanted), has_weights ? 1e-6 : 1e-14);
  }
}

TEST(ProjectionCounts, AreLookedUpByTheLowerNode) {
  const at::Tensor values = projections(2, 40);
  const at::Tensor table =
      at::arange(2 * (grid::kNodes - 1), at::kDouble).view({2, grid::kNodes - 1});
  const at::Tensor found = looked_up(table, values);
  for (std::int64_t k = 0; k < 2; ++k) {
    for (std::int64_t i = 0; i < 40; ++i) {
      const std::int64_t lower = grid::position_of(values[k][i].item<float>()).lower;
      EXPECT_EQ(found[k][i].item<double>(), table[k][lower].item<double>());
    }
  }
}

/// A distribution in which many nodes are empty.
at::Tensor distribution(std::uint64_t seed) {
  const at::Tensor shares = random_normal({1, grid::kNodes}, seed, at::kDouble).sub_(1.0).relu_();
  return shares / shares.sum();
}

TEST(CarriedDistributions, AreCarriedInOrder) {
  const at::Tensor seen = distribution(2);
  const at::Tensor wanted = distribution(3);
  const CarriedDistributions got = carry_distributions(seen, wanted.cumsum(1));
  double squared = 0.0;
  std::int64_t to = 0;
  double room = wanted[0][0].item<double>();
  std::int64_t last = grid::kNodes - 1;
  while (wanted[0][last].item<double>() == 0.0) --last;
  for (std::int64_t from = 0; from < grid::kNodes; ++from) {
    double left = seen[0][from].item<double>();
    while (left > 1e-14 && to <= last) {
      while (room <= 1e-14 && to < last) room = wanted[0][++to].item<double>();
      const double moved = to < last ? std::min(left, room) : left;
      const double distance = grid::value_at(from) - grid::value_at(to);
      squared += moved * distance * distance;
      left -= moved;
      room -= moved;
    }
    while (room <= 1e-14 && to < last) room = wanted[0][++to].item<double>();
    if (from + 1 == grid::kNodes) break;
    const double slope = grid::value_at(from) + grid::value_at(from + 1) - 2.0 * grid::value_at(to);
    EXPECT_EQ(got.slopes[0][from].item<double>(), slope) << from;
  }
  EXPECT_NEAR(got.squared_distance.item<double>() / squared, 1.0, 1e-9);
}

TEST(CarriedDistributions, ThatAreEqualStayWhereTheyAre) {
  const at::Tensor both = distribution(4);
  EXPECT_LT(carry_distributions(both, both.cumsum(1)).squared_distance.item<double>(), 1e-12);
}

}  // namespace
}  // namespace styletransfer::detail
