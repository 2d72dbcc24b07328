#include "vgg/forward_backward.h"

#include <ATen/ATen.h>

#include <utility>
#include <vector>

#include "vgg/block_executor.h"

namespace styletransfer::detail {
namespace {

using Layers = FeatureNetwork::Layers;

/// One forward and backward pass for one image.
class ForwardBackward {
 public:
  ForwardBackward(const Layers& layers, const at::Tensor& image, const LayerHooks& hooks,
                  const ExecutionPlan& plan)
      : context_{layers, image, hooks}, plan_(plan) {}

  void forward(bool for_backward) {
    saved_.assign(blocks(), {});
    hooked_pools_.assign(blocks(), {});
    saved_.front().height = context_.image.size(0);
    saved_.front().width = context_.image.size(1);
    for (size_t index = 0; index < blocks(); ++index) {
      SavedActivations& saved = saved_[index];
      BlockExecutor executor(context_, index, saved);
      if (for_backward) {
        executor.allocate_saved(plan_of(index).keeps_activations, strips_of(index).size() == 1);
      }
      const at::Tensor pooled = run_block_forward(index, executor);
      if (!for_backward || plan_of(index).keeps_activations) saved.input = at::Tensor();
      if (pooled.defined()) pass_to_next_block(index, pooled, for_backward);
    }
  }

  at::Tensor backward() {
    at::Tensor upstream;
    for (size_t index = blocks(); index-- > 0;) {
      add_pool_hooks(index, upstream);
      upstream = run_block_backward(index, upstream);
      saved_[index] = {};
    }
    return upstream;
  }

 private:
  [[nodiscard]] size_t blocks() const { return context_.layers.blocks.size(); }
  [[nodiscard]] ExecutionPlan::Block plan_of(size_t index) const {
    return index < plan_.blocks.size() ? plan_.blocks[index] : ExecutionPlan::Block{};
  }
  [[nodiscard]] std::vector<Rows> strips_of(size_t index) const {
    return cut_into_strips(saved_[index].height, plan_of(index).strip_rows);
  }

  /// Runs a block's strips. Returns the pooled features; undefined if the block has no pooling.
  [[nodiscard]] at::Tensor run_block_forward(size_t index, BlockExecutor& executor) const {
    const SavedActivations& saved = saved_[index];
    at::Tensor pooled;
    if (context_.layers.blocks[index].has_pool()) {
      pooled = at::empty(
          {saved.height / 2, saved.width / 2, executor.out_channels()},
          at::TensorOptions().device(context_.layers.device).dtype(context_.layers.dtype));
    }
    for (const Rows strip : strips_of(index)) {
      executor.forward(
          strip, pooled.defined() ? pooled.narrow(0, strip.first / 2, strip.count() / 2) : pooled);
    }
    return pooled;
  }

  /// Passes pooled features to their hooks and to the next block.
  void pass_to_next_block(size_t index, const at::Tensor& pooled, bool for_backward) {
    const std::string& name = context_.layers.blocks[index].pool_name;
    context_.call_hooks(name, pooled, 0);
    if (for_backward && context_.has_hook(name)) hooked_pools_[index] = pooled;
    if (index + 1 == blocks()) return;
    saved_[index + 1].input = pooled;
    saved_[index + 1].height = pooled.size(0);
    saved_[index + 1].width = pooled.size(1);
  }

  /// Adds the gradients of hooks on a pooling's output.
  void add_pool_hooks(size_t index, at::Tensor& upstream) {
    const at::Tensor pooled = std::exchange(hooked_pools_[index], {});
    if (!pooled.defined()) return;
    if (!upstream.defined()) upstream = at::zeros_like(pooled);
    const auto [first, last] = context_.hooks.equal_range(context_.layers.blocks[index].pool_name);
    for (auto hook = first; hook != last; ++hook)
      hook->second->add_gradient(pooled, 0, false, upstream);
  }

  /// Gradient with respect to the block's input, strip by strip; each strip also processes the halo
  /// rows that its own rows depend on.
  [[nodiscard]] at::Tensor run_block_backward(size_t index, const at::Tensor& upstream) {
    BlockExecutor executor(context_, index, saved_[index]);
    const std::vector<Rows> strips = strips_of(index);
    if (strips.size() == 1) return executor.backward(strips.front(), upstream, {});
    const SavedActivations& saved = saved_[index];
    const Layers& layers = context_.layers;
    at::Tensor gradient = at::empty(
        {saved.height, saved.width, layers.blocks[index].steps.front().conv->in_channels()},
        at::TensorOptions()
            .device(layers.device)
            .dtype(index == 0 ? layers.pixel_dtype() : layers.dtype));
    for (const Rows strip : strips) {
      const at::Tensor rows = gradient.narrow(0, strip.first, strip.count());
      static_cast<void>(executor.backward(strip, upstream, rows));
    }
    return gradient;
  }

  ForwardContext context_;
  const ExecutionPlan& plan_;
  std::vector<SavedActivations> saved_;   // per block
  std::vector<at::Tensor> hooked_pools_;  // per block: pooled features that have hooks
};

}  // namespace

void run_forward(const FeatureNetwork::Layers& layers, const at::Tensor& image,
                 const LayerHooks& hooks, const ExecutionPlan& plan) {
  ForwardBackward(layers, image, hooks, plan).forward(false);
}

at::Tensor run_forward_backward(const FeatureNetwork::Layers& layers, const at::Tensor& image,
                                const LayerHooks& hooks, const std::function<void()>& between,
                                const ExecutionPlan& plan) {
  ForwardBackward execution(layers, image, hooks, plan);
  execution.forward(true);
  between();
  return execution.backward();
}

}  // namespace styletransfer::detail
