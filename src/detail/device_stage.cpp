#include "detail/device_stage.h"

#include <algorithm>
#include <utility>

namespace styletransfer::detail {
namespace {

constexpr int64_t kFloatBytes = 4;
constexpr int64_t kIndexBytes = 8;
// Gram matrices of a layer that stay while a pass is under way: the target in float64, and the
// gradient's factor.
constexpr int64_t kMatrixBytes = 12;

/// Follows StageWalk (detail/stage_walk.h) step by step.
class Walk {
 public:
  explicit Walk(const DeviceStage& of) : of_(of), stage_(of.stage) {
    for (size_t i = 0; i < steps(); ++i) {
      if (conv_is_tapped(i) || relu_is_tapped(i)) tapped_end_ = i + 1;
    }
  }

  [[nodiscard]] int64_t held() const {
    int64_t bytes = 0;
    for (size_t i = 0; i < steps(); ++i) {
      bytes += held_of(i);
      if (conv_is_tapped(i) || relu_is_tapped(i)) bytes += kMatrixBytes * channels(i) * channels(i);
    }
    if (!shares_features() || !stage_.has_pool()) return bytes;
    // Where the largest values were found, and these themselves in place of the ReLU's mask.
    if (is_max()) bytes += pooled_values() * kIndexBytes;
    if (is_max() && stage_.steps.back().has_relu()) bytes += pooled_values() * value_bytes();
    return bytes;
  }

  [[nodiscard]] int64_t forward() const {
    int64_t peak = 0;
    int64_t input = pixels(steps());
    for (size_t i = 0; i < steps(); ++i) {
      const size_t halo = steps() - i;
      const int64_t made = made_by(i, halo);
      peak = std::max({peak, input + made, made + looked_at(i)});
      input = is_held(i) ? 0 : output(i, halo);
    }
    return stage_.has_pool() && !shares_features() ? std::max(peak, input + marking_pool()) : peak;
  }

  [[nodiscard]] int64_t backward() const {
    const bool is_cut = of_.strips.size() > 1;
    const int64_t whole_gradient =
        is_cut ? of_.height * of_.width * of_.in_channels * input_bytes(0) : 0;
    int64_t again = 0;
    const int64_t computing = of_.keeps_features ? 0 : compute_again(again);
    int64_t gradients = stage_.has_pool() ? unpooling() : map(steps() - 1, steps());
    for (size_t i = steps(); i-- > 0;) gradients = std::max(gradients, back_through(i));
    return std::max(computing, again + gradients) + whole_gradient;
  }

 private:
  [[nodiscard]] size_t steps() const { return stage_.steps.size(); }
  [[nodiscard]] bool conv_is_tapped(size_t i) const { return stage_.steps[i].conv_is_tapped; }
  [[nodiscard]] bool relu_is_tapped(size_t i) const { return stage_.steps[i].relu_is_tapped; }
  [[nodiscard]] bool is_max() const { return of_.layers.pool_kind == PoolKind::kMax; }
  [[nodiscard]] bool is_pooled(size_t i) const { return stage_.has_pool() && i + 1 == steps(); }
  [[nodiscard]] bool shares_features() const {
    return of_.keeps_features && of_.strips.size() == 1;
  }
  [[nodiscard]] int64_t channels(size_t i) const { return stage_.steps[i].conv->out_channels(); }
  [[nodiscard]] int64_t value_bytes() const {
    return static_cast<int64_t>(c10::elementSize(of_.layers.dtype));
  }
  /// Of a value of a step's input, and of what its convolution gives.
  [[nodiscard]] int64_t input_bytes(size_t i) const {
    const bool is_first = of_.is_first && i == 0;
    return is_first ? static_cast<int64_t>(c10::elementSize(of_.layers.pixel_dtype()))
                    : value_bytes();
  }
  [[nodiscard]] int64_t pooled_values() const {
    return (of_.height / 2) * (of_.width / 2) * channels(steps() - 1);
  }
  /// Positions of the highest strip with `halo` more rows on both sides.
  [[nodiscard]] int64_t positions(size_t halo) const {
    int64_t most = 0;
    for (const Rows& strip : of_.strips) {
      most = std::max(most, strip.grown(static_cast<int64_t>(halo), of_.height).count());
    }
    return most * of_.width;
  }
  [[nodiscard]] int64_t map(size_t i, size_t halo) const {
    return positions(halo) * channels(i) * value_bytes();
  }
  /// The picture's rows minus the network's mean.
  [[nodiscard]] int64_t pixels(size_t halo) const {
    return of_.is_first ? positions(halo) * of_.in_channels * input_bytes(0) : 0;
  }
  /// A step's output. Where nothing is copied, it is a view of all rows that the convolution made.
  [[nodiscard]] int64_t output(size_t i, size_t halo) const {
    const bool is_copied = conv_is_tapped(i) || input_bytes(i) != value_bytes();
    return map(i, is_copied ? halo - 1 : halo);
  }
  /// All that a step makes from its input with `halo` more rows.
  [[nodiscard]] int64_t made_by(size_t i, size_t halo) const {
    const int64_t convolved = positions(halo) * channels(i) * input_bytes(i);
    int64_t copies = 0;
    if (input_bytes(i) != value_bytes()) copies += map(i, halo - 1);
    if (conv_is_tapped(i)) copies += map(i, halo - 1);
    // What stays is counted as held from the start.
    return is_held(i) ? convolved + copies - output(i, halo) : convolved + copies;
  }
  /// The difference to a target, in float32.
  [[nodiscard]] int64_t looked_at(size_t i) const {
    const bool is_tapped = conv_is_tapped(i) || relu_is_tapped(i);
    return is_tapped ? positions(0) * channels(i) * kFloatBytes : 0;
  }

  /// Whether a step's output stays as it was made, as a mask or for its tap.
  [[nodiscard]] bool is_held(size_t i) const {
    if (!shares_features()) return false;
    if (relu_is_tapped(i)) return true;
    return stage_.steps[i].has_relu() && (!is_pooled(i) || !is_max());
  }
  [[nodiscard]] int64_t held_of(size_t i) const {
    const int64_t all = of_.height * of_.width * channels(i);
    int64_t bytes = 0;
    if (of_.keeps_features && conv_is_tapped(i)) bytes += all * value_bytes();
    if (shares_features()) return bytes + (is_held(i) ? all * value_bytes() : 0);
    if (of_.keeps_features && relu_is_tapped(i)) bytes += all * value_bytes();
    const bool is_masked = is_pooled(i) || (stage_.steps[i].has_relu() && !relu_is_tapped(i));
    return bytes + (is_masked ? all : 0);
  }

  /// pool_and_mark: the gradient of ones, twice, the pooled values and where they were found.
  [[nodiscard]] int64_t marking_pool() const {
    const int64_t pooled = positions(0) / 4 * channels(steps() - 1);
    return 2 * map(steps() - 1, 0) + 2 * pooled * value_bytes() +
           (is_max() ? pooled * kIndexBytes : 0);
  }
  /// unpool: the gradient, and where it is spread, that and one and a half copies more.
  [[nodiscard]] int64_t unpooling() const {
    const int64_t own = map(steps() - 1, steps());
    return shares_features() ? own : 3 * own + own / 2;
  }

  /// The features that taps look at, computed once more. `kept`: theirs.
  [[nodiscard]] int64_t compute_again(int64_t& kept) const {
    int64_t peak = 0;
    int64_t input = pixels(2 * tapped_end_);
    for (size_t i = 0; i < tapped_end_; ++i) {
      const size_t halo = 2 * tapped_end_ - i;
      peak = std::max(peak, kept + input + made_by(i, halo));
      input = output(i, halo);
      if (relu_is_tapped(i)) kept += std::exchange(input, 0);
      if (conv_is_tapped(i)) kept += map(i, halo);
    }
    return peak;
  }

  /// The gradients of a step's output and input.
  [[nodiscard]] int64_t back_through(size_t i) const {
    const size_t halo = i + 1;
    const int64_t own = map(i, halo);
    const int64_t in = i > 0 ? channels(i - 1) : of_.in_channels;
    const bool is_copied = input_bytes(i) != value_bytes();
    const int64_t convolved = own + positions(halo) * in * input_bytes(i) +
                              (is_copied ? positions(halo) * channels(i) * input_bytes(i) : 0);
    // A mask, or the difference to a target, makes one more.
    const bool is_passed = !shares_features() && !relu_is_tapped(i) && stage_.steps[i].has_relu();
    const bool is_doubled = is_passed || conv_is_tapped(i) || relu_is_tapped(i);
    return std::max(convolved, is_doubled ? 2 * own : own);
  }

  const DeviceStage& of_;
  const Stage& stage_;
  size_t tapped_end_ = 0;  // one past the last step that taps look at
};

}  // namespace

DeviceStageBytes device_stage_bytes(const DeviceStage& of) {
  const Walk walk(of);
  return {walk.held(), walk.forward(), walk.backward()};
}

}  // namespace styletransfer::detail
