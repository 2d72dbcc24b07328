#include "feedforward/strip_plan.h"

#include <algorithm>
#include <set>

namespace styletransfer::detail {
namespace {

// Bytes of the largest value within a strip: small enough for caches to help, large enough that the
// rows recomputed above and below the strip are negligible.
constexpr std::int64_t kStripBytes = 12 << 20;
constexpr std::int64_t kMinStripRows = 8;
// Number of such strips alive at the same time, including the copies that convolutions make and the
// memory that the allocator retains.
constexpr std::int64_t kStripCopies = 10;

class Planner {
 public:
  Planner(const RowLayers& layers, const Extent& input, std::int64_t element_bytes)
      : layers_(layers), element_bytes_(element_bytes) {
    extents_.push_back(input);
    uses_.resize(layers.size() + 1, 0);
    for (const auto& layer : layers) {
      extents_.push_back(layer->extent(extents_[index(layer->inputs().front())]));
      for (const int value : layer->inputs()) ++uses_[index(value)];
    }
  }

  /// Values that are stored: those that must be, and those that may be.
  [[nodiscard]] std::set<int> storable_values() const {
    std::set<int> stored{0, output()};
    for (int value = 1; value < output(); ++value) {
      if (uses_[index(value)] > 1 || !normalized_by(value).empty()) stored.insert(value);
    }
    return stored;
  }

  /// Values that may be recomputed instead of stored to save memory, largest first.
  [[nodiscard]] std::vector<int> recomputable_values(const std::set<int>& stored) const {
    std::vector<int> values;
    for (const int value : stored) {
      if (value != 0 && value != output() && uses_[index(value)] == 1) values.push_back(value);
    }
    std::stable_sort(values.begin(), values.end(), [this](int a, int b) {
      return extents_[index(a)].elements() > extents_[index(b)].elements();
    });
    return values;
  }

  [[nodiscard]] StripPlan plan(const std::set<int>& stored) const {
    StripPlan plan;
    plan.extents = extents_;
    for (int value = 1; value <= output(); ++value) {
      std::vector<int> normalized = normalized_by(value);
      if (!stored.contains(value) && normalized.empty()) continue;
      plan.passes.push_back(
          {value, stored.contains(value), std::move(normalized), {}, strip_rows(value, stored)});
    }
    add_frees(stored, plan);
    plan.bytes = bytes_of(plan, stored);
    return plan;
  }

 private:
  static std::size_t index(int value) { return static_cast<std::size_t>(value); }
  [[nodiscard]] int output() const { return static_cast<int>(layers_.size()); }

  [[nodiscard]] std::vector<int> normalized_by(int value) const {
    std::vector<int> found;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      if (layers_[i]->needs_statistics() && layers_[i]->inputs().front() == value) {
        found.push_back(static_cast<int>(i));
      }
    }
    return found;
  }

  /// The largest number of rows for which the largest intermediate value stays within kStripBytes.
  [[nodiscard]] std::int64_t strip_rows(int value, const std::set<int>& stored) const {
    const std::int64_t height = extents_[index(value)].height;
    return std::clamp(kStripBytes * height / largest_computed(value, stored),
                      std::min(kMinStripRows, height), height);
  }

  /// Bytes of the largest intermediate value, if it were stored whole.
  [[nodiscard]] std::int64_t largest_computed(int value, const std::set<int>& stored) const {
    std::set<int> reads;
    std::set<int> computed{value};
    add_sources(value, stored, reads, computed);
    std::int64_t largest = 0;
    for (const int other : computed) largest = std::max(largest, value_bytes(other));
    return largest;
  }

  /// Collects the stored values that a pass over `value` reads, and the intermediate values that it
  /// computes.
  void add_sources(int value, const std::set<int>& stored, std::set<int>& reads,
                   std::set<int>& computed) const {
    for (const int input : layers_[index(value - 1)]->inputs()) {
      if (stored.contains(input)) {
        reads.insert(input);
      } else if (computed.insert(input).second) {
        add_sources(input, stored, reads, computed);
      }
    }
  }

  void add_frees(const std::set<int>& stored, StripPlan& plan) const {
    std::set<int> read_later;
    for (auto strip_pass = plan.passes.rbegin(); strip_pass != plan.passes.rend(); ++strip_pass) {
      std::set<int> reads;
      std::set<int> computed;
      add_sources(strip_pass->value, stored, reads, computed);
      for (const int value : reads) {
        if (read_later.insert(value).second) strip_pass->freed_after.push_back(value);
      }
    }
  }

  [[nodiscard]] std::int64_t value_bytes(int value) const {
    return extents_[index(value)].elements() * element_bytes_;
  }

  [[nodiscard]] std::int64_t bytes_of(const StripPlan& plan, const std::set<int>& stored) const {
    std::int64_t alive = value_bytes(0);
    std::int64_t peak = 0;
    for (const StripPass& strip_pass : plan.passes) {
      if (strip_pass.is_stored) alive += value_bytes(strip_pass.value);
      const std::int64_t strip = largest_computed(strip_pass.value, stored) *
                                 strip_pass.strip_rows / extents_[index(strip_pass.value)].height;
      peak = std::max(peak, alive + kStripCopies * std::max(strip, kStripBytes));
      for (const int value : strip_pass.freed_after) alive -= value_bytes(value);
    }
    return peak;
  }

  const RowLayers& layers_;
  std::int64_t element_bytes_;
  std::vector<Extent> extents_;
  std::vector<int> uses_;
};

}  // namespace

StripPlan plan_strips(const RowLayers& layers, const Extent& input, std::int64_t element_bytes,
                      std::int64_t limit_bytes) {
  const Planner planner(layers, input, element_bytes);
  std::set<int> stored = planner.storable_values();
  StripPlan best = planner.plan(stored);
  for (const int value : planner.recomputable_values(stored)) {
    if (best.bytes <= limit_bytes) break;
    stored.erase(value);
    StripPlan smaller = planner.plan(stored);
    if (smaller.bytes < best.bytes) best = std::move(smaller);
  }
  return best;
}

}  // namespace styletransfer::detail
