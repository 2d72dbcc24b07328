// Forward and backward pass of one block of a network, for a whole image or strip by strip.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

#include "kernels/activation_masks.h"
#include "kernels/amx/amx_convolution.h"
#include "kernels/amx/row_source.h"
#include "kernels/row_range.h"
#include "vgg/blocks.h"
#include "vgg/features.h"

namespace styletransfer::detail {

/// Inputs of a forward-backward pass: prepared layers, the image and the hooks.
struct ForwardContext {
  const FeatureNetwork::Layers& layers;
  const at::Tensor& image;
  const LayerHooks& hooks;

  /// Calls LayerHook::accumulate() of the layer's hooks.
  void call_hooks(const std::string& layer, const at::Tensor& features, int64_t first_row) const;
  [[nodiscard]] bool has_hook(const std::string& layer) const { return hooks.count(layer) > 0; }
  /// LayerHook::gradient_matrix() if the layer has exactly one hook; otherwise undefined.
  [[nodiscard]] at::Tensor gradient_matrix(const std::string& layer) const;
};

/// Rows of a layer's features, the first of which is row `first_row` of the layer.
struct FeaturePiece {
  at::Tensor features;
  int64_t first_row = 0;
  /// A view of the rows `wanted` (in rows of the layer).
  [[nodiscard]] at::Tensor rows(Rows wanted) const {
    return features.narrow(0, wanted.first - first_row, wanted.count());
  }
};

/// Features of one step that hooks receive.
struct HookedFeatures {
  FeaturePiece conv_output;
  FeaturePiece output;  // after the ReLU
};

/// Data that a block's forward pass saves for its backward pass.
struct SavedActivations {
  int64_t height = 0;
  int64_t width = 0;
  at::Tensor input;                     // [height, width, c]; undefined: the image, or not needed
  std::vector<at::Tensor> masks;        // per step; the last one includes the pooling
  std::optional<WholePooling> pooling;  // replaces the last mask where shares_features()
  std::vector<HookedFeatures> hooked_features;  // per step; empty if they are recomputed
};

/// Runs one block for one image. A step is a convolution with its ReLU. A strip of the block's
/// output needs one more row on both sides per step, which neighboring strips compute twice (halo).
class BlockExecutor {
 public:
  BlockExecutor(const ForwardContext& context, size_t index, SavedActivations& saved)
      : context_(context), index_(index), block_(context.layers.blocks[index]), saved_(saved) {}

  /// Allocates what forward() saves; without this call it saves nothing. is_whole: the image is a
  /// single strip.
  void allocate_saved(bool keeps_activations, bool is_whole);

  /// Forward pass of the strip `own` (rows at the block's resolution). Passes exactly these rows of
  /// each hooked layer to the hooks, and fills what allocate_saved() allocated. pooled: the strip's
  /// rows of the block's pooled output; undefined if the block has no pooling.
  void forward(Rows own, const at::Tensor& pooled);

  /// Backward pass: returns the rows `own` of the gradient with respect to the block's input,
  /// [rows, width, c]; written to `gradient` if that is defined. upstream: gradient of the block's
  /// whole output; undefined means zero.
  [[nodiscard]] at::Tensor backward(Rows own, const at::Tensor& upstream,
                                    const at::Tensor& gradient);

  [[nodiscard]] int64_t out_channels() const { return block_.steps.back().conv->out_channels(); }

 private:
  struct StepResult {
    at::Tensor conv_output;  // only if the convolution has a hook
    at::Tensor output;
  };
  /// The gradient of a step's output during the backward pass. is_finished: the gradients of the
  /// step's ReLU and of its hooks have already been applied (in an epilogue).
  struct FlowingGradient {
    at::Tensor gradient;
    bool is_finished = false;
  };

  [[nodiscard]] size_t steps() const { return block_.steps.size(); }
  [[nodiscard]] bool conv_has_hook(size_t step) const {
    return block_.steps[step].conv_has_hook && context_.has_hook(block_.steps[step].conv_name);
  }
  [[nodiscard]] bool relu_has_hook(size_t step) const {
    return block_.steps[step].has_relu() && context_.has_hook(block_.steps[step].relu_name);
  }
  [[nodiscard]] bool is_pooled(size_t step) const {
    return block_.has_pool() && step + 1 == steps();
  }
  [[nodiscard]] bool is_masked(size_t step) const {
    return is_pooled(step) || (block_.steps[step].has_relu() && !relu_has_hook(step));
  }
  [[nodiscard]] bool fuses_pool() const {
    return block_.can_fuse_pool() && !relu_has_hook(steps() - 1);
  }
  [[nodiscard]] Rows grown(Rows rows, size_t more) const {
    return rows.grown(static_cast<int64_t>(more), saved_.height);
  }
  [[nodiscard]] at::Tensor mask_rows(size_t step, Rows rows) const;
  [[nodiscard]] at::Tensor input_rows(Rows rows) const;
  [[nodiscard]] StepResult run_step(size_t step, const at::Tensor& input, Rows have, Rows wanted,
                                    const at::Tensor& marks) const;
  void call_hooks_and_save(size_t step, const StepResult& result, Rows own, Rows have);
  void pool(const at::Tensor& features, Rows own, const at::Tensor& pooled);

  [[nodiscard]] std::vector<HookedFeatures> recomputed(Rows own) const;
  [[nodiscard]] FlowingGradient start(Rows rows, const at::Tensor& upstream) const;
  [[nodiscard]] FlowingGradient convolve_backward(size_t step, const RowSource& from, Rows wanted,
                                                  const std::vector<HookedFeatures>& hooked,
                                                  const at::Tensor& output) const;
  [[nodiscard]] ConvolutionEpilogue epilogue_for(size_t step, Rows rows,
                                                 const std::vector<HookedFeatures>& hooked) const;
  void finish_step(size_t step, Rows rows, const HookedFeatures& hooked,
                   FlowingGradient& flowing) const;
  void add_hook_gradients(const std::string& layer, const at::Tensor& features, int64_t first_row,
                          bool through_relu, at::Tensor& gradient) const;

  const ForwardContext& context_;
  size_t index_;
  const Block& block_;
  SavedActivations& saved_;
};

}  // namespace styletransfer::detail
