#include "detail/strip_plan.h"

#include <algorithm>
#include <set>

namespace styletransfer::detail {
namespace {

// Of the largest value's part in a strip: small enough for caches to help, large enough that rows
// made twice, above and below the strip, do not count.
constexpr std::int64_t kStripBytes = 12 << 20;
constexpr std::int64_t kLeastStripRows = 8;
// So many of them are alive together, with the copies that convolutions make and what the allocator
// keeps of both.
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

  /// Values that must be kept or may be kept.
  [[nodiscard]] std::set<int> worth_keeping() const {
    std::set<int> kept{0, output()};
    for (int value = 1; value < output(); ++value) {
      if (uses_[index(value)] > 1 || !normalized_by(value).empty()) kept.insert(value);
    }
    return kept;
  }

  /// What may be given up to save memory, the largest first.
  [[nodiscard]] std::vector<int> may_be_given_up(const std::set<int>& kept) const {
    std::vector<int> values;
    for (const int value : kept) {
      if (value != 0 && value != output() && uses_[index(value)] == 1) values.push_back(value);
    }
    std::stable_sort(values.begin(), values.end(), [this](int a, int b) {
      return extents_[index(a)].elements() > extents_[index(b)].elements();
    });
    return values;
  }

  [[nodiscard]] StripPlan plan(const std::set<int>& kept) const {
    StripPlan plan;
    plan.extents = extents_;
    for (int value = 1; value <= output(); ++value) {
      std::vector<int> normalized = normalized_by(value);
      if (!kept.contains(value) && normalized.empty()) continue;
      plan.sweeps.push_back(
          {value, kept.contains(value), std::move(normalized), {}, strip_rows(value, kept)});
    }
    add_drops(kept, plan);
    plan.bytes = bytes_of(plan, kept);
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

  /// As many as keep the largest value that is made on the way within the strip's bytes.
  [[nodiscard]] std::int64_t strip_rows(int value, const std::set<int>& kept) const {
    const std::int64_t height = extents_[index(value)].height;
    return std::clamp(kStripBytes * height / largest_made(value, kept),
                      std::min(kLeastStripRows, height), height);
  }

  /// Bytes, were it whole.
  [[nodiscard]] std::int64_t largest_made(int value, const std::set<int>& kept) const {
    std::set<int> reads;
    std::set<int> made{value};
    add_sources(value, kept, reads, made);
    std::int64_t largest = 0;
    for (const int other : made) largest = std::max(largest, value_bytes(other));
    return largest;
  }

  /// What a sweep over `value` reads of kept values, and what it makes on the way.
  void add_sources(int value, const std::set<int>& kept, std::set<int>& reads,
                   std::set<int>& made) const {
    for (const int input : layers_[index(value - 1)]->inputs()) {
      if (kept.contains(input)) {
        reads.insert(input);
      } else if (made.insert(input).second) {
        add_sources(input, kept, reads, made);
      }
    }
  }

  void add_drops(const std::set<int>& kept, StripPlan& plan) const {
    std::set<int> read_later;
    for (auto sweep = plan.sweeps.rbegin(); sweep != plan.sweeps.rend(); ++sweep) {
      std::set<int> reads;
      std::set<int> made;
      add_sources(sweep->value, kept, reads, made);
      for (const int value : reads) {
        if (read_later.insert(value).second) sweep->dropped_after.push_back(value);
      }
    }
  }

  [[nodiscard]] std::int64_t value_bytes(int value) const {
    return extents_[index(value)].elements() * element_bytes_;
  }

  [[nodiscard]] std::int64_t bytes_of(const StripPlan& plan, const std::set<int>& kept) const {
    std::int64_t alive = value_bytes(0);
    std::int64_t peak = 0;
    for (const Sweep& sweep : plan.sweeps) {
      if (sweep.is_kept) alive += value_bytes(sweep.value);
      const std::int64_t strip =
          largest_made(sweep.value, kept) * sweep.strip_rows / extents_[index(sweep.value)].height;
      peak = std::max(peak, alive + kStripCopies * std::max(strip, kStripBytes));
      for (const int value : sweep.dropped_after) alive -= value_bytes(value);
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
  std::set<int> kept = planner.worth_keeping();
  StripPlan best = planner.plan(kept);
  for (const int value : planner.may_be_given_up(kept)) {
    if (best.bytes <= limit_bytes) break;
    kept.erase(value);
    StripPlan smaller = planner.plan(kept);
    if (smaller.bytes < best.bytes) best = std::move(smaller);
  }
  return best;
}

}  // namespace styletransfer::detail
