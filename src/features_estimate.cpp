// What sweeps through a network take: bytes and arithmetic, without running them.
#include <algorithm>
#include <optional>
#include <vector>

#include "detail/device_stage.h"
#include "detail/gradient_masks.h"
#include "detail/stages.h"
#include "styletransfer/features.h"

namespace styletransfer {
namespace {

using detail::Rows;
using detail::Stage;
using detail::Step;

/// A stage in a picture, and how it is walked through (detail/stage_walk.h).
class StageEstimate {
 public:
  StageEstimate(const FeatureNetwork::Layers& layers, size_t index, const SweepPlan& plan,
                int64_t height, int64_t width, int64_t in_channels)
      : layers_(layers),
        stage_(layers.stages[index]),
        is_first_(index == 0),
        height_(height),
        width_(width),
        in_channels_(in_channels) {
    if (index < plan.stages.size()) plan_ = plan.stages[index];
    strips_ = detail::cut_into_strips(height, plan_.strip_rows);
    for (size_t i = 0; i < steps(); ++i) {
      if (step(i).conv_is_tapped || step(i).relu_is_tapped) tapped_end_ = i + 1;
    }
    if (!layers.device.is_cpu()) {
      on_device_ = detail::device_stage_bytes(
          {layers, stage_, is_first_, plan_.keeps_features, height, width, in_channels, strips_});
    }
  }

  [[nodiscard]] int64_t out_channels() const { return stage_.steps.back().conv->out_channels(); }
  [[nodiscard]] int64_t pooled_bytes() const {
    return stage_.has_pool() ? (height_ / 2) * (width_ / 2) * out_channels() * value_bytes() : 0;
  }

  /// What stays for the backward walk beside the stage's input.
  [[nodiscard]] int64_t held_bytes() const {
    if (on_device_) return on_device_->held;
    int64_t bytes = 0;
    for (size_t i = 0; i < steps(); ++i) {
      if (is_masked(i)) {
        bytes += height_ * width_ *
                 detail::mask_bytes(step(i).conv->out_channels(), layers_.dtype, layers_.device);
      }
      if (plan_.keeps_features) bytes += height_ * tapped_row_bytes(i);
    }
    return bytes;
  }
  [[nodiscard]] bool needs_input_again() const { return !plan_.keeps_features; }

  /// Features that come and go while a strip is walked through forwards.
  [[nodiscard]] int64_t forward_bytes() const {
    if (on_device_) return on_device_->forward;
    return passing_bytes(steps() - 1, steps()) + scratch_bytes();
  }

  /// Gradients, and features that are computed again; not: upstream.
  [[nodiscard]] int64_t backward_bytes() const {
    if (on_device_) return on_device_->backward;
    const bool is_cut = strips_.size() > 1;
    const int64_t input_gradient =
        height_ * width_ * in_channels_ * (is_first_ ? pixel_bytes() : value_bytes());
    int64_t again = 0;
    int64_t computing = 0;
    if (!plan_.keeps_features && tapped_end_ > 0) {
      computing = passing_bytes(2 * tapped_end_ - 1, tapped_end_);
      for (size_t i = 0; i < tapped_end_; ++i) {
        again += most_rows(2 * tapped_end_ - 1 - i) * tapped_row_bytes(i);
      }
    }
    int64_t gradients = 0;
    for (size_t i = 0; i < steps(); ++i) {
      const bool is_made_on_the_way = i + 1 == steps() && pools_on_the_way();
      const int64_t own = is_made_on_the_way ? 0 : most_rows(i + 1) * row_bytes(i);
      const int64_t next = i > 0 ? most_rows(i) * row_bytes(i - 1) : is_cut ? 0 : input_gradient;
      gradients = std::max(gradients, own + next);
    }
    return std::max(computing, again + gradients) + (is_cut ? input_gradient : 0) + scratch_bytes();
  }

  [[nodiscard]] double multiply_adds() const {
    double sum = 0.0;
    for (size_t i = 0; i < steps(); ++i) {
      int64_t rows = all_rows(steps() - 1 - i) + all_rows(i);
      if (!plan_.keeps_features && i < tapped_end_) rows += all_rows(2 * tapped_end_ - 1 - i);
      constexpr double kTaps = 9.0;
      sum += kTaps * static_cast<double>(rows * width_) *
             static_cast<double>(step(i).conv->out_channels() * in_channels(i));
    }
    return sum;
  }

 private:
  [[nodiscard]] size_t steps() const { return stage_.steps.size(); }
  [[nodiscard]] const Step& step(size_t i) const { return stage_.steps[i]; }
  [[nodiscard]] int64_t value_bytes() const {
    return static_cast<int64_t>(c10::elementSize(layers_.dtype));
  }
  [[nodiscard]] int64_t pixel_bytes() const {
    return static_cast<int64_t>(c10::elementSize(layers_.pixel_dtype()));
  }
  [[nodiscard]] int64_t in_channels(size_t i) const {
    return i > 0 ? step(i - 1).conv->out_channels() : in_channels_;
  }
  [[nodiscard]] int64_t row_bytes(size_t i) const {
    return width_ * step(i).conv->out_channels() * value_bytes();
  }
  [[nodiscard]] int64_t tapped_row_bytes(size_t i) const {
    return (step(i).conv_is_tapped ? row_bytes(i) : 0) +
           (step(i).relu_is_tapped ? row_bytes(i) : 0);
  }
  [[nodiscard]] bool is_masked(size_t i) const {
    return (stage_.has_pool() && i + 1 == steps()) ||
           (step(i).has_relu() && !step(i).relu_is_tapped);
  }
  [[nodiscard]] bool pools_on_the_way() const {
    return stage_.can_pool_on_the_way() && !stage_.steps.back().relu_is_tapped;
  }
  [[nodiscard]] int64_t scratch_bytes() const {
    int64_t most = 0;
    for (const Step& step : stage_.steps) most = std::max(most, step.conv->scratch_bytes());
    return most;
  }
  /// Rows of the highest strip and of all strips, with `halo` more on both sides.
  [[nodiscard]] int64_t most_rows(size_t halo) const {
    int64_t most = 0;
    for (const Rows& strip : strips_) {
      most = std::max(most, strip.grown(static_cast<int64_t>(halo), height_).count());
    }
    return most;
  }
  [[nodiscard]] int64_t all_rows(size_t halo) const {
    int64_t sum = 0;
    for (const Rows& strip : strips_) {
      sum += strip.grown(static_cast<int64_t>(halo), height_).count();
    }
    return sum;
  }

  /// The most of a step's input and output side by side while the first `count` steps are walked
  /// through, the first of which makes `halo` rows more than the strip's own; of a picture in one
  /// piece what is kept is counted there.
  [[nodiscard]] int64_t passing_bytes(size_t halo, size_t count) const {
    const bool keeps_as_made = plan_.keeps_features && strips_.size() == 1;
    const auto passing = [&](size_t i) {
      const int64_t maps = (step(i).conv_is_tapped ? 2 : 1) * row_bytes(i);
      return most_rows(halo - i) * (keeps_as_made ? maps - tapped_row_bytes(i) : maps);
    };
    int64_t most = 0;
    for (size_t i = 0; i < count; ++i) {
      const bool is_stored = !(i + 1 == steps() && pools_on_the_way());
      const int64_t input = i > 0 ? passing(i - 1)
                            : is_first_ && !step(0).pixel_conv
                                ? most_rows(halo) * width_ * 3 * pixel_bytes()
                                : 0;
      most = std::max(most, input + (is_stored ? passing(i) : 0));
    }
    return most;
  }

  const FeatureNetwork::Layers& layers_;
  const Stage& stage_;
  bool is_first_;
  int64_t height_;
  int64_t width_;
  int64_t in_channels_;
  SweepPlan::Stage plan_;
  std::vector<Rows> strips_;
  size_t tapped_end_ = 0;  // one past the last step that taps look at
  std::optional<detail::DeviceStageBytes> on_device_;
};

/// Calls see(stage) for each of them.
template <typename See>
void for_each_stage(const FeatureNetwork::Layers& layers, int64_t height, int64_t width,
                    const SweepPlan& plan, const See& see) {
  int64_t in_channels = 3;
  for (size_t i = 0; i < layers.stages.size(); ++i) {
    const StageEstimate stage(layers, i, plan, height, width, in_channels);
    see(stage);
    height /= 2;
    width /= 2;
    in_channels = stage.out_channels();
  }
}

}  // namespace

int64_t FeatureNetwork::sweep_bytes(int64_t height, int64_t width, const SweepPlan& plan) const {
  int64_t held = 0;  // by the stages before
  int64_t peak = 0;
  int64_t input = 0;
  for_each_stage(*layers_, height, width, plan, [&](const StageEstimate& stage) {
    const int64_t own = held + stage.held_bytes() + stage.pooled_bytes();
    const int64_t kept_input = stage.needs_input_again() ? input : 0;
    peak = std::max(
        {peak, own + input + stage.forward_bytes(), own + kept_input + stage.backward_bytes()});
    held += stage.held_bytes() + kept_input;
    input = stage.pooled_bytes();
  });
  return peak;
}

double FeatureNetwork::sweep_multiply_adds(int64_t height, int64_t width,
                                           const SweepPlan& plan) const {
  double sum = 0.0;
  for_each_stage(*layers_, height, width, plan,
                 [&](const StageEstimate& stage) { sum += stage.multiply_adds(); });
  return sum;
}

}  // namespace styletransfer
