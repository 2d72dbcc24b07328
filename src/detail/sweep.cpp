#include "detail/sweep.h"

#include <ATen/ATen.h>

#include <utility>
#include <vector>

#include "detail/stage_walk.h"

namespace styletransfer::detail {
namespace {

using Layers = FeatureNetwork::Layers;

/// One walk through the network for one picture.
class Sweep {
 public:
  Sweep(const Layers& layers, const at::Tensor& image, const FeatureTaps& taps,
        const SweepPlan& plan)
      : sight_{layers, image, taps}, plan_(plan) {}

  void forward(bool for_backward) {
    memories_.assign(stages(), {});
    tapped_pools_.assign(stages(), {});
    memories_.front().height = sight_.image.size(0);
    memories_.front().width = sight_.image.size(1);
    for (size_t index = 0; index < stages(); ++index) {
      StageMemory& memory = memories_[index];
      StageWalk walk(sight_, index, memory);
      if (for_backward) {
        walk.remember(plan_of(index).keeps_features, strips_of(index).size() == 1);
      }
      const at::Tensor pooled = walk_forward(index, walk);
      if (!for_backward || plan_of(index).keeps_features) memory.input = at::Tensor();
      if (pooled.defined()) hand_on(index, pooled, for_backward);
    }
  }

  at::Tensor backward() {
    at::Tensor upstream;
    for (size_t index = stages(); index-- > 0;) {
      add_pool_taps(index, upstream);
      upstream = differentiate_stage(index, upstream);
      memories_[index] = {};
    }
    return upstream;
  }

 private:
  [[nodiscard]] size_t stages() const { return sight_.layers.stages.size(); }
  [[nodiscard]] SweepPlan::Stage plan_of(size_t index) const {
    return index < plan_.stages.size() ? plan_.stages[index] : SweepPlan::Stage{};
  }
  [[nodiscard]] std::vector<Rows> strips_of(size_t index) const {
    return cut_into_strips(memories_[index].height, plan_of(index).strip_rows);
  }

  /// The stage's pooled features; undefined where it ends without a pooling.
  [[nodiscard]] at::Tensor walk_forward(size_t index, StageWalk& walk) const {
    const StageMemory& memory = memories_[index];
    at::Tensor pooled;
    if (sight_.layers.stages[index].has_pool()) {
      pooled =
          at::empty({memory.height / 2, memory.width / 2, walk.out_channels()},
                    at::TensorOptions().device(sight_.layers.device).dtype(sight_.layers.dtype));
    }
    for (const Rows strip : strips_of(index)) {
      walk.forward(
          strip, pooled.defined() ? pooled.narrow(0, strip.first / 2, strip.count() / 2) : pooled);
    }
    return pooled;
  }

  void hand_on(size_t index, const at::Tensor& pooled, bool for_backward) {
    const std::string& name = sight_.layers.stages[index].pool_name;
    sight_.show(name, pooled, 0);
    if (for_backward && sight_.is_tapped(name)) tapped_pools_[index] = pooled;
    if (index + 1 == stages()) return;
    memories_[index + 1].input = pooled;
    memories_[index + 1].height = pooled.size(0);
    memories_[index + 1].width = pooled.size(1);
  }

  /// Adds the gradient of whoever looks at a pooling's output.
  void add_pool_taps(size_t index, at::Tensor& upstream) {
    const at::Tensor pooled = std::exchange(tapped_pools_[index], {});
    if (!pooled.defined()) return;
    if (!upstream.defined()) upstream = at::zeros_like(pooled);
    const auto [first, last] = sight_.taps.equal_range(sight_.layers.stages[index].pool_name);
    for (auto tap = first; tap != last; ++tap)
      tap->second->add_gradient(pooled, 0, false, upstream);
  }

  /// Gradient with respect to the stage's input, strip by strip: every strip goes through the rows
  /// around it that its own depend on.
  [[nodiscard]] at::Tensor differentiate_stage(size_t index, const at::Tensor& upstream) {
    StageWalk walk(sight_, index, memories_[index]);
    const std::vector<Rows> strips = strips_of(index);
    if (strips.size() == 1) return walk.backward(strips.front(), upstream, {});
    const StageMemory& memory = memories_[index];
    const Layers& layers = sight_.layers;
    at::Tensor gradient = at::empty(
        {memory.height, memory.width, layers.stages[index].steps.front().conv->in_channels()},
        at::TensorOptions()
            .device(layers.device)
            .dtype(index == 0 ? layers.pixel_dtype() : layers.dtype));
    for (const Rows strip : strips) {
      const at::Tensor rows = gradient.narrow(0, strip.first, strip.count());
      static_cast<void>(walk.backward(strip, upstream, rows));
    }
    return gradient;
  }

  Sight sight_;
  const SweepPlan& plan_;
  std::vector<StageMemory> memories_;     // by stage
  std::vector<at::Tensor> tapped_pools_;  // by stage: pooled features that taps look at
};

}  // namespace

void sweep_forward(const FeatureNetwork::Layers& layers, const at::Tensor& image,
                   const FeatureTaps& taps, const SweepPlan& plan) {
  Sweep(layers, image, taps, plan).forward(false);
}

at::Tensor sweep_both_ways(const FeatureNetwork::Layers& layers, const at::Tensor& image,
                           const FeatureTaps& taps, const std::function<void()>& between,
                           const SweepPlan& plan) {
  Sweep sweep(layers, image, taps, plan);
  sweep.forward(true);
  between();
  return sweep.backward();
}

}  // namespace styletransfer::detail
