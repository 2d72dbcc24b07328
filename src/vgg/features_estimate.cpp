// Memory and arithmetic estimates of forward and backward passes, without running them.
#include <algorithm>
#include <optional>
#include <vector>

#include "kernels/activation_masks.h"
#include "vgg/blocks.h"
#include "vgg/device_block_memory.h"
#include "vgg/features.h"

namespace styletransfer {
namespace {

using detail::Block;
using detail::ConvRelu;
using detail::Rows;

/// Estimate for one block and image size. Mirrors BlockExecutor (vgg/block_executor.h); keep both
/// in agreement.
class BlockEstimate {
 public:
  BlockEstimate(const FeatureNetwork::Layers& layers, size_t index, const ExecutionPlan& plan,
                int64_t height, int64_t width, int64_t in_channels)
      : layers_(layers),
        block_(layers.blocks[index]),
        is_first_(index == 0),
        height_(height),
        width_(width),
        in_channels_(in_channels) {
    if (index < plan.blocks.size()) plan_ = plan.blocks[index];
    strips_ = detail::cut_into_strips(height, plan_.strip_rows);
    for (size_t i = 0; i < steps(); ++i) {
      if (step(i).conv_has_hook || step(i).relu_has_hook) hooked_end_ = i + 1;
    }
    if (!layers.device.is_cpu()) {
      on_device_ = detail::device_block_bytes({layers, block_, is_first_, plan_.keeps_activations,
                                               height, width, in_channels, strips_});
    }
  }

  [[nodiscard]] int64_t out_channels() const { return block_.steps.back().conv->out_channels(); }
  [[nodiscard]] int64_t pooled_bytes() const {
    return block_.has_pool() ? (height_ / 2) * (width_ / 2) * out_channels() * value_bytes() : 0;
  }

  /// Saved for the backward pass, besides the block's input.
  [[nodiscard]] int64_t held_bytes() const {
    if (on_device_) return on_device_->held;
    int64_t bytes = 0;
    for (size_t i = 0; i < steps(); ++i) {
      if (is_masked(i)) {
        bytes += height_ * width_ *
                 detail::mask_bytes(step(i).conv->out_channels(), layers_.dtype, layers_.device);
      }
      if (plan_.keeps_activations) bytes += height_ * hooked_row_bytes(i);
    }
    return bytes;
  }
  [[nodiscard]] bool needs_input() const { return !plan_.keeps_activations; }

  /// Temporary features of a strip in the forward pass.
  [[nodiscard]] int64_t forward_bytes() const {
    if (on_device_) return on_device_->forward;
    return passing_bytes(steps() - 1, steps()) + scratch_bytes();
  }

  /// Gradients and recomputed features in the backward pass, without the upstream gradient.
  [[nodiscard]] int64_t backward_bytes() const {
    if (on_device_) return on_device_->backward;
    const bool is_cut = strips_.size() > 1;
    const int64_t input_gradient =
        height_ * width_ * in_channels_ * (is_first_ ? pixel_bytes() : value_bytes());
    int64_t recomputed = 0;
    int64_t computing = 0;
    if (!plan_.keeps_activations && hooked_end_ > 0) {
      computing = passing_bytes(2 * hooked_end_ - 1, hooked_end_);
      for (size_t i = 0; i < hooked_end_; ++i) {
        recomputed += max_rows(2 * hooked_end_ - 1 - i) * hooked_row_bytes(i);
      }
    }
    int64_t gradients = 0;
    for (size_t i = 0; i < steps(); ++i) {
      const bool is_made_on_the_way = i + 1 == steps() && fuses_pool();
      const int64_t own = is_made_on_the_way ? 0 : max_rows(i + 1) * row_bytes(i);
      const int64_t next = i > 0 ? max_rows(i) * row_bytes(i - 1) : is_cut ? 0 : input_gradient;
      gradients = std::max(gradients, own + next);
    }
    return std::max(computing, recomputed + gradients) + (is_cut ? input_gradient : 0) +
           scratch_bytes();
  }

  [[nodiscard]] double multiply_adds() const {
    double sum = 0.0;
    for (size_t i = 0; i < steps(); ++i) {
      int64_t rows = all_rows(steps() - 1 - i) + all_rows(i);
      if (!plan_.keeps_activations && i < hooked_end_) rows += all_rows(2 * hooked_end_ - 1 - i);
      constexpr double kTaps = 9.0;
      sum += kTaps * static_cast<double>(rows * width_) *
             static_cast<double>(step(i).conv->out_channels() * in_channels(i));
    }
    return sum;
  }

 private:
  [[nodiscard]] size_t steps() const { return block_.steps.size(); }
  [[nodiscard]] const ConvRelu& step(size_t i) const { return block_.steps[i]; }
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
  [[nodiscard]] int64_t hooked_row_bytes(size_t i) const {
    return (step(i).conv_has_hook ? row_bytes(i) : 0) + (step(i).relu_has_hook ? row_bytes(i) : 0);
  }
  [[nodiscard]] bool is_masked(size_t i) const {
    return (block_.has_pool() && i + 1 == steps()) ||
           (step(i).has_relu() && !step(i).relu_has_hook);
  }
  [[nodiscard]] bool fuses_pool() const {
    return block_.can_fuse_pool() && !block_.steps.back().relu_has_hook;
  }
  [[nodiscard]] int64_t scratch_bytes() const {
    int64_t max = 0;
    for (const ConvRelu& step : block_.steps) max = std::max(max, step.conv->scratch_bytes());
    return max;
  }
  /// Rows of the tallest strip, and of all strips together, with `halo` additional rows on both
  /// sides.
  [[nodiscard]] int64_t max_rows(size_t halo) const {
    int64_t max = 0;
    for (const Rows& strip : strips_) {
      max = std::max(max, strip.grown(static_cast<int64_t>(halo), height_).count());
    }
    return max;
  }
  [[nodiscard]] int64_t all_rows(size_t halo) const {
    int64_t sum = 0;
    for (const Rows& strip : strips_) {
      sum += strip.grown(static_cast<int64_t>(halo), height_).count();
    }
    return sum;
  }

  /// Peak of a step's input and output together over the first `count` steps, the first of which
  /// computes `halo` rows more than the strip. For a whole image, saved features are left out:
  /// held_bytes() counts them.
  [[nodiscard]] int64_t passing_bytes(size_t halo, size_t count) const {
    const bool saves_output = plan_.keeps_activations && strips_.size() == 1;
    const auto passing = [&](size_t i) {
      const int64_t maps = (step(i).conv_has_hook ? 2 : 1) * row_bytes(i);
      return max_rows(halo - i) * (saves_output ? maps - hooked_row_bytes(i) : maps);
    };
    int64_t max = 0;
    for (size_t i = 0; i < count; ++i) {
      const bool is_stored = !(i + 1 == steps() && fuses_pool());
      const int64_t input = i > 0 ? passing(i - 1)
                            : is_first_ && !step(0).pixel_conv
                                ? max_rows(halo) * width_ * 3 * pixel_bytes()
                                : 0;
      max = std::max(max, input + (is_stored ? passing(i) : 0));
    }
    return max;
  }

  const FeatureNetwork::Layers& layers_;
  const Block& block_;
  bool is_first_;
  int64_t height_;
  int64_t width_;
  int64_t in_channels_;
  ExecutionPlan::Block plan_;
  std::vector<Rows> strips_;
  size_t hooked_end_ = 0;  // one past the last step with a hook
  std::optional<detail::DeviceBlockBytes> on_device_;
};

/// Calls visit(BlockEstimate) for each block.
template <typename Visit>
void for_each_block(const FeatureNetwork::Layers& layers, int64_t height, int64_t width,
                    const ExecutionPlan& plan, const Visit& visit) {
  int64_t in_channels = 3;
  for (size_t i = 0; i < layers.blocks.size(); ++i) {
    const BlockEstimate block(layers, i, plan, height, width, in_channels);
    visit(block);
    height /= 2;
    width /= 2;
    in_channels = block.out_channels();
  }
}

}  // namespace

int64_t FeatureNetwork::execution_bytes(int64_t height, int64_t width,
                                        const ExecutionPlan& plan) const {
  int64_t held = 0;  // by the previous blocks
  int64_t peak = 0;
  int64_t input = 0;
  for_each_block(*layers_, height, width, plan, [&](const BlockEstimate& block) {
    const int64_t own = held + block.held_bytes() + block.pooled_bytes();
    const int64_t kept_input = block.needs_input() ? input : 0;
    peak = std::max(
        {peak, own + input + block.forward_bytes(), own + kept_input + block.backward_bytes()});
    held += block.held_bytes() + kept_input;
    input = block.pooled_bytes();
  });
  return peak;
}

double FeatureNetwork::execution_multiply_adds(int64_t height, int64_t width,
                                               const ExecutionPlan& plan) const {
  double sum = 0.0;
  for_each_block(*layers_, height, width, plan,
                 [&](const BlockEstimate& block) { sum += block.multiply_adds(); });
  return sum;
}

}  // namespace styletransfer
