// Layer 3: the network as a feature extractor that is walked forwards and backwards by hand, whole
// or in strips.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "styletransfer/model.h"
#include "styletransfer/runtime.h"

namespace styletransfer {

enum class Pooling { kMax, kAverage };

/// Someone who looks at one layer's output. The output comes in strips of whole rows, each row
/// exactly once in each sweep.
class FeatureTap {
 public:
  virtual ~FeatureTap() = default;

  /// First sweep. features: [rows, width, channels], contiguous, the run's feature dtype;
  /// first_row: where these rows stand in the layer's output.
  virtual void accumulate(const at::Tensor& features, int64_t first_row) = 0;

  /// Second sweep: gradient += dLoss/dfeatures, in place; with `through_relu` then also times
  /// (features > 0). gradient: as features. Rows may be asked for more than once, by neighbouring
  /// strips.
  virtual void add_gradient(const at::Tensor& features, int64_t first_row, bool through_relu,
                            at::Tensor& gradient) = 0;

  /// Second sweep: where the gradient is the features of each position times one matrix, that
  /// matrix, [channels, channels] in the features' dtype: it can then be had along with the
  /// convolution before. Undefined: add_gradient is called.
  [[nodiscard]] virtual at::Tensor gradient_matrix() const { return {}; }
};

using FeatureTaps = std::multimap<std::string, FeatureTap*>;

/// How much of a sweep is held at a time. The result is the same for every plan (float32: to
/// rounding); only memory and time differ.
struct SweepPlan {
  struct Stage {
    /// Rows of the stage's own resolution worked on at a time; at least the stage's height: whole.
    int64_t strip_rows = 1LL << 40;
    /// The features that taps look at stay for the backward sweep; else they are computed again
    /// there, strip by strip. Of all others a bit a value stays in any case.
    bool keeps_features = true;
  };
  /// One per stage (the layers between two poolings); stages beyond the list are whole and kept.
  std::vector<Stage> stages;
};

/// The layers of a network up to the deepest one asked for, prepared for a device and precision.
/// Immutable; shared by every sweep.
class FeatureNetwork {
 public:
  /// The prepared layers, by stage; only the sweeps know what is in it.
  struct Layers;

  /// Throws UsageError for a layer name the network does not have (naming near ones).
  FeatureNetwork(const Network& network, const std::vector<std::string>& layers, Pooling pooling,
                 const Runtime& runtime);
  ~FeatureNetwork();
  FeatureNetwork(const FeatureNetwork&) = delete;
  FeatureNetwork& operator=(const FeatureNetwork&) = delete;

  /// Height, width and channels of a layer's output for a picture of the given size.
  struct Shape {
    int64_t height;
    int64_t width;
    int64_t channels;
  };
  [[nodiscard]] Shape shape_of(const std::string& layer, int64_t height, int64_t width) const;

  [[nodiscard]] int stage_count() const;
  [[nodiscard]] c10::Device device() const;

  /// Bytes of a layer's output for a picture of the given size.
  [[nodiscard]] int64_t output_bytes(const std::string& layer, int64_t height, int64_t width) const;

  /// Bytes that both sweeps take at their peak under a plan, for a picture of the given size: kept
  /// and passing features, masks, gradients, the picture's gradient. Not: the picture, the targets.
  [[nodiscard]] int64_t sweep_bytes(int64_t height, int64_t width, const SweepPlan& plan) const;

  /// Multiply-adds of both sweeps under a plan, halos and what is computed twice included.
  [[nodiscard]] double sweep_multiply_adds(int64_t height, int64_t width,
                                           const SweepPlan& plan) const;

  /// The forward sweep alone, keeping nothing: for targets and for losses of finished pictures.
  /// image: [height, width, 3] float32, R G B in 0..1, on the CPU or the device.
  void look(const at::Tensor& image_rgb01, const FeatureTaps& taps,
            const SweepPlan& plan = {}) const;

  /// Both sweeps: taps accumulate; `between` is called (the taps fix their gradients there); then
  /// the gradient with respect to the image is returned, [height, width, 3] float32.
  [[nodiscard]] at::Tensor look_and_differentiate(const at::Tensor& image_rgb01,
                                                  const FeatureTaps& taps,
                                                  const std::function<void()>& between,
                                                  const SweepPlan& plan = {}) const;

 private:
  std::unique_ptr<const Layers> layers_;
};

}  // namespace styletransfer
