// Feature extractor: forward and backward pass of a VGG network with hooks on its layers.
//
// Processes a whole image or strips of it. The backward pass is written by hand, without autograd.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "styletransfer/loss_options.h"
#include "styletransfer/model.h"
#include "styletransfer/runtime.h"

namespace styletransfer {

/// Receives one layer's output (like a PyTorch forward hook) and adds to its gradient. The output
/// arrives in strips of whole rows, each row exactly once per forward pass.
class LayerHook {
 public:
  virtual ~LayerHook() = default;

  /// Forward pass. features: [rows, width, channels], contiguous, in the runtime's feature dtype;
  /// first_row: index of the first of these rows in the layer's output.
  virtual void accumulate(const at::Tensor& features, int64_t first_row) = 0;

  /// Backward pass: gradient += dLoss/dfeatures, in place; with `through_relu` the result is then
  /// multiplied by (features > 0). gradient: shape and dtype of features. The same rows may occur
  /// several times, as halos of neighboring strips.
  virtual void add_gradient(const at::Tensor& features, int64_t first_row, bool through_relu,
                            at::Tensor& gradient) = 0;

  /// Backward pass, optional: if dLoss/dfeatures is the product of the features [positions,
  /// channels] and one symmetric matrix, that matrix, [channels, channels] in the features' dtype.
  /// It can then be fused into the backward convolution. Undefined: add_gradient is called.
  [[nodiscard]] virtual at::Tensor gradient_matrix() const { return {}; }
};

using LayerHooks = std::multimap<std::string, LayerHook*>;

/// Strip height and activation recomputation per block: trades memory against time. The result is
/// the same for every plan (float32: up to rounding).
struct ExecutionPlan {
  struct Block {
    /// Rows processed at a time, at the block's resolution; the block's height or more: whole
    /// image.
    int64_t strip_rows = 1LL << 40;
    /// True: the features that hooks receive are saved for the backward pass. False: they are
    /// recomputed there, strip by strip (activation checkpointing). For all other layers one bit
    /// per value (a mask) is saved in either case.
    bool keeps_activations = true;
  };
  /// One entry per block (the layers between two poolings). Blocks beyond the list use the
  /// defaults.
  std::vector<Block> blocks;
};

/// The layers of a network up to the deepest requested one, prepared for a device and precision.
/// Immutable; may be shared by several passes.
class FeatureNetwork {
 public:
  /// The prepared layers, by block (vgg/blocks.h).
  struct Layers;

  /// Returns the bytes that the constructor takes on the CPU at its peak: the weights in the form
  /// that is kept, and copies of the largest layer.
  [[nodiscard]] static int64_t prepared_bytes(const Network& network,
                                              const std::vector<std::string>& layers,
                                              const Runtime& runtime);

  /// layers: the layers that may get hooks. Throws UsageError for a name the network does not have,
  /// suggesting similar ones, and if a
  /// memory limit of the process does not hold the prepared weights (vgg/network_memory.h).
  FeatureNetwork(const Network& network, const std::vector<std::string>& layers, Pooling pooling,
                 const Runtime& runtime);
  ~FeatureNetwork();
  FeatureNetwork(const FeatureNetwork&) = delete;
  FeatureNetwork& operator=(const FeatureNetwork&) = delete;

  /// Height, width and channels of a layer's output for an image of the given size.
  struct Shape {
    int64_t height;
    int64_t width;
    int64_t channels;
  };
  [[nodiscard]] Shape shape_of(const std::string& layer, int64_t height, int64_t width) const;

  [[nodiscard]] int block_count() const;
  [[nodiscard]] c10::Device device() const;

  /// Bytes of a layer's output for an image of the given size.
  [[nodiscard]] int64_t output_bytes(const std::string& layer, int64_t height, int64_t width) const;

  /// Estimated peak bytes of a forward and backward pass under a plan, for an image of the given
  /// size: saved and temporary features, masks, gradients and the image's gradient, but not the
  /// image and the targets.
  [[nodiscard]] int64_t execution_bytes(int64_t height, int64_t width,
                                        const ExecutionPlan& plan) const;

  /// Multiply-adds of a forward and backward pass under a plan, including halos and recomputation.
  [[nodiscard]] double execution_multiply_adds(int64_t height, int64_t width,
                                               const ExecutionPlan& plan) const;

  /// Forward pass only, saving nothing: for targets and for losses of finished images.
  /// In: image [height, width, 3] float32, RGB in 0..1, on the CPU or the device.
  void forward(const at::Tensor& image_rgb01, const LayerHooks& hooks,
               const ExecutionPlan& plan = {}) const;

  /// Forward and backward pass: the hooks accumulate, `between` is called (where the losses compute
  /// their gradients' factors), then the backward pass runs. Returns the gradient with respect to
  /// the image, [height, width, 3] float32.
  [[nodiscard]] at::Tensor forward_backward(const at::Tensor& image_rgb01, const LayerHooks& hooks,
                                            const std::function<void()>& between,
                                            const ExecutionPlan& plan = {}) const;

 private:
  std::unique_ptr<const Layers> layers_;
};

}  // namespace styletransfer
