#include "loss/style/sliced_wasserstein_loss.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "kernels/elementwise.h"
#include "loss/style/gram_product.h"
#include "loss/style/log_bins.h"
#include "loss/style/projection_histogram.h"

namespace styletransfer::detail {
namespace {

namespace grid = log_bins;

constexpr std::uint64_t kDirectionSeed = 2011;
// Bounds the memory of the projections; a chunk of one direction (32 KB) stays in the first-level
// cache.
constexpr int64_t kChunkPositions = 8192;

/// Random orthonormal directions, [C, C] in the features' dtype and device, one per row: the Q
/// factor of a normal random matrix with a fixed seed.
at::Tensor make_directions(const at::Tensor& features) {
  const int64_t channels = features.size(-1);
  const at::Generator generator = at::detail::createCPUGenerator(kDirectionSeed);
  const at::Tensor random = at::randn({channels, channels}, generator, at::kDouble);
  return std::get<0>(at::linalg_qr(random)).to(features.options()).contiguous();
}

/// Minimum number of directions per thread.
int64_t grain_of(int64_t positions) {
  constexpr int64_t kProjections = 1 << 14;
  return std::max<int64_t>(1, kProjections / positions);
}

/// Projects the positions in chunks, [C, n] on the CPU. Calls row(values, weights, n, k) for each
/// direction k of a chunk, in parallel, then done(projections, first) for the chunk.
/// weights: [positions], or undefined, in which case `row` gets null.
template <typename Row, typename Done>
void for_each_projected_row(const at::Tensor& flat, const at::Tensor& directions,
                            const at::Tensor& weights, const Row& row, const Done& done) {
  const at::Tensor held = weights.defined() ? weights.cpu() : weights;
  const float* all_weights = held.defined() ? held.const_data_ptr<float>() : nullptr;
  for (int64_t first = 0; first < flat.size(0); first += kChunkPositions) {
    const int64_t n = std::min(kChunkPositions, flat.size(0) - first);
    const float* own_weights = all_weights == nullptr ? nullptr : all_weights + first;
    const at::Tensor projections =
        at::mm(directions, flat.narrow(0, first, n).t()).cpu().contiguous();
    AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, projections.scalar_type(), "projected_rows", [&] {
      auto* values = projections.data_ptr<scalar_t>();
      at::parallel_for(0, projections.size(0), grain_of(n), [&](int64_t begin, int64_t end) {
        for (int64_t k = begin; k < end; ++k) row(values + k * n, own_weights, n, k);
      });
    });
    done(projections, first);
  }
}

/// Calls visit(projections, first) for chunks of the positions; projections: [C, n] on the
/// features' device.
template <typename Visit>
void for_each_projected_chunk(const at::Tensor& flat, const at::Tensor& directions,
                              const Visit& visit) {
  const int64_t chunk = std::max<int64_t>(1, kMaxChunkProjections / flat.size(1));
  for (int64_t first = 0; first < flat.size(0); first += chunk) {
    const int64_t n = std::min(chunk, flat.size(0) - first);
    visit(at::mm(directions, flat.narrow(0, first, n).t()), first);
  }
}

at::Tensor part_of(const at::Tensor& weights, int64_t first, int64_t count) {
  return weights.defined() ? weights.narrow(0, first, count) : weights;
}

template <typename Value>
using PlaceReal = std::conditional_t<std::is_same_v<Value, double>, double, float>;

/// Adds each projection to the two nodes around it, by linear interpolation. weights: null for
/// all 1.
template <typename Value>
void count_row(const Value* projections, const float* weights, int64_t count, double* counts) {
  for (int64_t i = 0; i < count; ++i) {
    const auto place = grid::position_of(static_cast<PlaceReal<Value>>(projections[i]));
    const double weight = weights == nullptr ? 1.0 : weights[i];
    const double upper = weight * place.share_of_upper;
    counts[place.lower] += weight - upper;
    counts[place.lower + 1] += upper;
  }
}

/// Replaces each projection by the gradient (slope) at its position.
template <typename Value>
void look_up_row(Value* projections, const float* weights, int64_t count, const double* slopes) {
  for (int64_t i = 0; i < count; ++i) {
    const auto place = grid::position_of(static_cast<PlaceReal<Value>>(projections[i]));
    const double slope = slopes[place.lower] * (weights == nullptr ? 1.0 : weights[i]);
    projections[i] = static_cast<Value>(static_cast<PlaceReal<Value>>(slope));
  }
}

const std::vector<double>& node_values() {
  static const std::vector<double> values = [] {
    std::vector<double> made(grid::kNodes);
    for (int64_t node = 0; node < grid::kNodes; ++node) made[node] = grid::value_at(node);
    return made;
  }();
  return values;
}

/// Squared Wasserstein-2 distance between two distributions over the nodes, both adding up to 1.
/// slopes: receives the derivative of the cost with respect to moving mass from a node to the next
/// one, divided by the distance between them, [kNodes - 1]. Moves mass in order, from the lowest
/// node up.
double transport(const double* seen, const double* wanted, double* slopes) {
  const std::vector<double>& values = node_values();
  int64_t last = grid::kNodes - 1;
  while (last > 0 && wanted[last] <= 0.0) --last;
  int64_t to = 0;
  double capacity = wanted[0];
  double squared = 0.0;
  const auto find_capacity = [&] {
    while (capacity <= 0.0 && to < last) capacity = wanted[++to];
  };
  for (int64_t from = 0; from < grid::kNodes; ++from) {
    double left = seen[from];
    while (left > 0.0) {
      find_capacity();
      // The last node takes whatever mass rounding has left over.
      const double moved = to < last ? std::min(left, capacity) : left;
      squared += moved * (values[from] - values[to]) * (values[from] - values[to]);
      left -= moved;
      capacity -= moved;
    }
    find_capacity();
    if (from + 1 < grid::kNodes) slopes[from] = values[from] + values[from + 1] - 2.0 * values[to];
  }
  return squared;
}

}  // namespace

void ProjectionHistograms::add(const at::Tensor& features, int64_t first_row) {
  if (!directions_.defined()) directions_ = make_directions(features);
  const at::Tensor flat = features.flatten(0, 1);
  if (!counts_.defined()) {
    counts_ = flat.is_cuda()
                  ? at::zeros({flat.size(1), grid::kNodes}, flat.options().dtype(at::kLong))
                  : at::zeros({flat.size(1), grid::kNodes}, at::kDouble);
  }
  const StripWeights strip = weights_.beside(features, first_row);
  const at::Tensor& weights = strip.flat;
  positions_ += strip.sum;
  if (flat.is_cuda()) {
    for_each_projected_chunk(flat, directions_, [&](const at::Tensor& projections, int64_t first) {
      add_projection_counts(projections, part_of(weights, first, projections.size(1)), counts_);
    });
    return;
  }
  auto* counts = counts_.data_ptr<double>();
  for_each_projected_row(
      flat, directions_, weights,
      [&](const auto* values, const float* own_weights, int64_t n, int64_t k) {
        count_row(values, own_weights, n, counts + k * grid::kNodes);
      },
      [](const at::Tensor& /*projections*/, int64_t /*first*/) {});
}

at::Tensor ProjectionHistograms::take() {
  const double count = positions_ > 0.0 ? positions_ : 1.0;
  positions_ = 0.0;
  const at::Tensor counts = std::exchange(counts_, at::Tensor());
  if (!counts.is_cuda()) return counts.div_(count);
  return counts.to(at::kDouble).div_(counts.sum(1, /*keepdim=*/true).clamp_min_(1));
}

SlicedWassersteinLoss::SlicedWassersteinLoss(at::Tensor target, double weight,
                                             PositionWeights position_weights)
    : target_(std::move(target)),
      has_target_(target_.sum().item<double>() > 0.0),
      weight_(weight),
      histograms_(std::move(position_weights)) {
  if (target_.is_cuda()) cumulated_target_ = target_.cumsum(1);
}

void SlicedWassersteinLoss::accumulate(const at::Tensor& features, int64_t first_row) {
  histograms_.add(features, first_row);
}

DeferredNumber SlicedWassersteinLoss::finish() {
  const double positions = histograms_.positions();
  const at::Tensor seen = histograms_.take();
  const int64_t channels = seen.size(0);
  slopes_ = at::zeros({channels, grid::kNodes - 1}, at::kDouble);
  // No mass on one of the sides: no transport, gradient 0.
  if (positions <= 0.0 || !has_target_) {
    slopes_ = slopes_.to(seen.device());
    return 0.0;
  }
  if (seen.is_cuda()) {
    const CarriedDistributions carried = carry_distributions(seen, cumulated_target_);
    slopes_ = carried.slopes * (weight_ / positions);
    DeferredNumber value(carried.squared_distance);
    value *= weight_;
    return value;
  }
  std::vector<double> squared(static_cast<std::size_t>(channels));
  at::parallel_for(0, channels, 8, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      squared[k] = transport(seen.const_data_ptr<double>() + k * grid::kNodes,
                             target_.const_data_ptr<double>() + k * grid::kNodes,
                             slopes_.data_ptr<double>() + k * (grid::kNodes - 1));
    }
  });
  slopes_.mul_(weight_ / positions);
  return weight_ * std::accumulate(squared.begin(), squared.end(), 0.0);
}

void SlicedWassersteinLoss::add_gradient(const at::Tensor& features, int64_t first_row,
                                         bool through_relu, at::Tensor& gradient) {
  const at::Tensor flat = features.flatten(0, 1);
  at::Tensor rows = gradient.flatten(0, 1);
  const at::Tensor& directions = histograms_.directions();
  const at::Tensor weights = histograms_.weights().beside(features, first_row).flat;
  if (flat.is_cuda()) {
    for_each_projected_chunk(flat, directions, [&](const at::Tensor& projections, int64_t first) {
      at::Tensor slopes = looked_up(slopes_, projections);
      const at::Tensor own = part_of(weights, first, projections.size(1));
      if (own.defined()) slopes = slopes * own;
      rows.narrow(0, first, projections.size(1))
          .addmm_(slopes.to(rows.scalar_type()).t(), directions);
    });
    if (through_relu) relu_backward_(rows, flat);
    return;
  }
  const auto* slopes = slopes_.const_data_ptr<double>();
  for_each_projected_row(
      flat, directions, weights,
      [&](auto* values, const float* own_weights, int64_t n, int64_t k) {
        look_up_row(values, own_weights, n, slopes + k * (grid::kNodes - 1));
      },
      [&](const at::Tensor& projections, int64_t first) {
        rows.narrow(0, first, projections.size(1))
            .addmm_(projections.to(rows.device()).t(), directions);
      });
  if (through_relu) relu_backward_(rows, flat);
}

double projected_power(const at::Tensor& histograms) {
  const std::vector<double>& values = node_values();
  const at::Tensor nodes = at::tensor(values, at::kDouble).to(histograms.device());
  return at::mv(histograms, nodes.square()).sum().item<double>();
}

}  // namespace styletransfer::detail
