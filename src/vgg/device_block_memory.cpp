#include "vgg/device_block_memory.h"

#include <algorithm>
#include <utility>

namespace styletransfer::detail {
namespace {

constexpr int64_t kFloatBytes = 4;
constexpr int64_t kIndexBytes = 8;
// Bytes per element of a layer's Gram matrices that stay allocated: the target in float64 (8) and
// the gradient's factor (4).
constexpr int64_t kMatrixBytes = 12;

/// Mirrors BlockExecutor (vgg/block_executor.h) step by step. Keep both in agreement.
class BlockMemory {
 public:
  explicit BlockMemory(const DeviceBlock& of) : of_(of), block_(of.block) {
    for (size_t i = 0; i < steps(); ++i) {
      if (conv_has_hook(i) || relu_has_hook(i)) hooked_end_ = i + 1;
    }
  }

  [[nodiscard]] int64_t held() const {
    int64_t bytes = 0;
    for (size_t i = 0; i < steps(); ++i) {
      bytes += held_of(i);
      if (conv_has_hook(i) || relu_has_hook(i)) bytes += kMatrixBytes * channels(i) * channels(i);
    }
    if (!shares_features() || !block_.has_pool()) return bytes;
    // Max pooling saves indices, and its output instead of the ReLU's mask.
    if (is_max()) bytes += pooled_values() * kIndexBytes;
    if (is_max() && block_.steps.back().has_relu()) bytes += pooled_values() * value_bytes();
    return bytes;
  }

  [[nodiscard]] int64_t forward() const {
    int64_t peak = 0;
    int64_t input = pixels(steps());
    for (size_t i = 0; i < steps(); ++i) {
      const size_t halo = steps() - i;
      const int64_t made = made_by(i, halo);
      peak = std::max({peak, input + made, made + hook_bytes(i)});
      input = is_held(i) ? 0 : output(i, halo);
    }
    return block_.has_pool() && !shares_features() ? std::max(peak, input + marking_pool()) : peak;
  }

  [[nodiscard]] int64_t backward() const {
    const bool is_cut = of_.strips.size() > 1;
    const int64_t whole_gradient =
        is_cut ? of_.height * of_.width * of_.in_channels * input_bytes(0) : 0;
    int64_t recomputed = 0;
    const int64_t computing = of_.keeps_activations ? 0 : recompute(recomputed);
    int64_t gradients = block_.has_pool() ? unpooling() : map(steps() - 1, steps());
    for (size_t i = steps(); i-- > 0;) gradients = std::max(gradients, backward_of(i));
    return std::max(computing, recomputed + gradients) + whole_gradient;
  }

 private:
  [[nodiscard]] size_t steps() const { return block_.steps.size(); }
  [[nodiscard]] bool conv_has_hook(size_t i) const { return block_.steps[i].conv_has_hook; }
  [[nodiscard]] bool relu_has_hook(size_t i) const { return block_.steps[i].relu_has_hook; }
  [[nodiscard]] bool is_max() const { return of_.layers.pool_kind == PoolKind::kMax; }
  [[nodiscard]] bool is_pooled(size_t i) const { return block_.has_pool() && i + 1 == steps(); }
  [[nodiscard]] bool shares_features() const {
    return of_.keeps_activations && of_.strips.size() == 1;
  }
  [[nodiscard]] int64_t channels(size_t i) const { return block_.steps[i].conv->out_channels(); }
  [[nodiscard]] int64_t value_bytes() const {
    return static_cast<int64_t>(c10::elementSize(of_.layers.dtype));
  }
  /// Bytes per value of a step's input and of its convolution's output.
  [[nodiscard]] int64_t input_bytes(size_t i) const {
    const bool is_first = of_.is_first && i == 0;
    return is_first ? static_cast<int64_t>(c10::elementSize(of_.layers.pixel_dtype()))
                    : value_bytes();
  }
  [[nodiscard]] int64_t pooled_values() const {
    return (of_.height / 2) * (of_.width / 2) * channels(steps() - 1);
  }
  /// Positions of the tallest strip with `halo` additional rows on both sides.
  [[nodiscard]] int64_t positions(size_t halo) const {
    int64_t max = 0;
    for (const Rows& strip : of_.strips) {
      max = std::max(max, strip.grown(static_cast<int64_t>(halo), of_.height).count());
    }
    return max * of_.width;
  }
  /// Bytes of a step's feature map in that strip.
  [[nodiscard]] int64_t map(size_t i, size_t halo) const {
    return positions(halo) * channels(i) * value_bytes();
  }
  /// The copy of the image's rows with the network's mean subtracted (first block only).
  [[nodiscard]] int64_t pixels(size_t halo) const {
    return of_.is_first ? positions(halo) * of_.in_channels * input_bytes(0) : 0;
  }
  /// A step's output. Unless it is copied, it is a view that holds all rows of the convolution's
  /// result.
  [[nodiscard]] int64_t output(size_t i, size_t halo) const {
    const bool is_copied = conv_has_hook(i) || input_bytes(i) != value_bytes();
    return map(i, is_copied ? halo - 1 : halo);
  }
  /// Everything a step allocates for an input with `halo` additional rows.
  [[nodiscard]] int64_t made_by(size_t i, size_t halo) const {
    const int64_t convolved = positions(halo) * channels(i) * input_bytes(i);
    int64_t copies = 0;
    if (input_bytes(i) != value_bytes()) copies += map(i, halo - 1);
    if (conv_has_hook(i)) copies += map(i, halo - 1);
    // Saved features are counted in held().
    return is_held(i) ? convolved + copies - output(i, halo) : convolved + copies;
  }
  /// A hook's difference to its target, in float32.
  [[nodiscard]] int64_t hook_bytes(size_t i) const {
    const bool has_hook = conv_has_hook(i) || relu_has_hook(i);
    return has_hook ? positions(0) * channels(i) * kFloatBytes : 0;
  }

  /// True if a step's output is saved as it is, for its mask or its hook.
  [[nodiscard]] bool is_held(size_t i) const {
    if (!shares_features()) return false;
    if (relu_has_hook(i)) return true;
    return block_.steps[i].has_relu() && (!is_pooled(i) || !is_max());
  }
  [[nodiscard]] int64_t held_of(size_t i) const {
    const int64_t all = of_.height * of_.width * channels(i);
    int64_t bytes = 0;
    if (of_.keeps_activations && conv_has_hook(i)) bytes += all * value_bytes();
    if (shares_features()) return bytes + (is_held(i) ? all * value_bytes() : 0);
    if (of_.keeps_activations && relu_has_hook(i)) bytes += all * value_bytes();
    const bool is_masked = is_pooled(i) || (block_.steps[i].has_relu() && !relu_has_hook(i));
    return bytes + (is_masked ? all : 0);
  }

  /// pool_with_mask: two tensors for the gradient of ones, the pooled values twice, and the
  /// indices.
  [[nodiscard]] int64_t marking_pool() const {
    const int64_t pooled = positions(0) / 4 * channels(steps() - 1);
    return 2 * map(steps() - 1, 0) + 2 * pooled * value_bytes() +
           (is_max() ? pooled * kIndexBytes : 0);
  }
  /// unpool: the gradient; with masks also its upsampling and temporaries, 2.5 times as much again.
  [[nodiscard]] int64_t unpooling() const {
    const int64_t own = map(steps() - 1, steps());
    return shares_features() ? own : 3 * own + own / 2;
  }

  /// Peak bytes of BlockExecutor::recomputed(). kept: set to the bytes of the features it returns.
  [[nodiscard]] int64_t recompute(int64_t& kept) const {
    int64_t peak = 0;
    int64_t input = pixels(2 * hooked_end_);
    for (size_t i = 0; i < hooked_end_; ++i) {
      const size_t halo = 2 * hooked_end_ - i;
      peak = std::max(peak, kept + input + made_by(i, halo));
      input = output(i, halo);
      if (relu_has_hook(i)) kept += std::exchange(input, 0);
      if (conv_has_hook(i)) kept += map(i, halo);
    }
    return peak;
  }

  /// The gradients of a step's output and input together.
  [[nodiscard]] int64_t backward_of(size_t i) const {
    const size_t halo = i + 1;
    const int64_t own = map(i, halo);
    const int64_t in = i > 0 ? channels(i - 1) : of_.in_channels;
    const bool is_copied = input_bytes(i) != value_bytes();
    const int64_t convolved = own + positions(halo) * in * input_bytes(i) +
                              (is_copied ? positions(halo) * channels(i) * input_bytes(i) : 0);
    // Applying a mask, or a hook's difference, allocates another one.
    const bool is_passed = !shares_features() && !relu_has_hook(i) && block_.steps[i].has_relu();
    const bool is_doubled = is_passed || conv_has_hook(i) || relu_has_hook(i);
    return std::max(convolved, is_doubled ? 2 * own : own);
  }

  const DeviceBlock& of_;
  const Block& block_;
  size_t hooked_end_ = 0;  // one past the last step with a hook
};

}  // namespace

DeviceBlockBytes device_block_bytes(const DeviceBlock& of) {
  const BlockMemory memory(of);
  return {memory.held(), memory.forward(), memory.backward()};
}

}  // namespace styletransfer::detail
