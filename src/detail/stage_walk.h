// The walk through one stage of a network, forwards and backwards, whole or strip by strip.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

#include "detail/feature_rows.h"
#include "detail/gradient_masks.h"
#include "detail/rows.h"
#include "detail/stages.h"
#include "detail/tile_convolution.h"
#include "styletransfer/features.h"

namespace styletransfer::detail {

/// What a sweep looks at.
struct Sight {
  const FeatureNetwork::Layers& layers;
  const at::Tensor& image;
  const FeatureTaps& taps;

  void show(const std::string& layer, const at::Tensor& features, int64_t first_row) const;
  [[nodiscard]] bool is_tapped(const std::string& layer) const { return taps.count(layer) > 0; }
  /// FeatureTap::gradient_matrix() of the layer's only tap; undefined where there are others.
  [[nodiscard]] at::Tensor gradient_matrix(const std::string& layer) const;
};

/// Rows of features from `first_row` on.
struct FeaturePiece {
  at::Tensor features;
  int64_t first_row = 0;
  [[nodiscard]] at::Tensor rows(Rows wanted) const {
    return features.narrow(0, wanted.first - first_row, wanted.count());
  }
};

/// Features of one step that taps look at.
struct TappedFeatures {
  FeaturePiece conv_output;
  FeaturePiece output;  // after the ReLU
};

/// What a stage leaves behind for its backward walk.
struct StageMemory {
  int64_t height = 0;
  int64_t width = 0;
  at::Tensor input;                     // [height, width, c]; undefined: the image, or not needed
  std::vector<at::Tensor> masks;        // by step; the last one's is the pooling's
  std::optional<WholePooling> pooling;  // instead of that, where features are shared
  std::vector<TappedFeatures> kept;     // by step; empty: none are kept
};

/// A stage in one picture.
class StageWalk {
 public:
  StageWalk(const Sight& sight, size_t index, StageMemory& memory)
      : sight_(sight), index_(index), stage_(sight.layers.stages[index]), memory_(memory) {}

  /// Makes room for what the walks forward leave behind; one walk if `is_whole`.
  void remember(bool keeps_features, bool is_whole);

  /// The rows `own` of the stage's output, whose layers' rows are shown to the taps. Written to the
  /// pooled rows that belong to them, where the stage ends in a pooling. What remember() made room
  /// for is filled.
  void forward(Rows own, const at::Tensor& pooled);

  /// The rows `own` of the gradient with respect to the stage's input, written to `gradient`
  /// [rows, width, c], where that is defined. upstream: of the whole output; undefined: zero.
  [[nodiscard]] at::Tensor backward(Rows own, const at::Tensor& upstream,
                                    const at::Tensor& gradient);

  [[nodiscard]] int64_t out_channels() const { return stage_.steps.back().conv->out_channels(); }

 private:
  struct StepResult {
    at::Tensor conv_output;  // only where the convolution is tapped
    at::Tensor output;
  };
  /// A gradient on its way back, and whether the ReLU that made the features it belongs to, and
  /// whoever looks at them, are accounted for.
  struct Passing {
    at::Tensor gradient;
    bool is_finished = false;
  };

  [[nodiscard]] size_t steps() const { return stage_.steps.size(); }
  [[nodiscard]] bool conv_is_tapped(size_t step) const {
    return stage_.steps[step].conv_is_tapped && sight_.is_tapped(stage_.steps[step].conv_name);
  }
  [[nodiscard]] bool relu_is_tapped(size_t step) const {
    return stage_.steps[step].has_relu() && sight_.is_tapped(stage_.steps[step].relu_name);
  }
  [[nodiscard]] bool is_pooled(size_t step) const {
    return stage_.has_pool() && step + 1 == steps();
  }
  [[nodiscard]] bool is_masked(size_t step) const {
    return is_pooled(step) || (stage_.steps[step].has_relu() && !relu_is_tapped(step));
  }
  [[nodiscard]] bool pools_on_the_way() const {
    return stage_.can_pool_on_the_way() && !relu_is_tapped(steps() - 1);
  }
  [[nodiscard]] Rows grown(Rows rows, size_t more) const {
    return rows.grown(static_cast<int64_t>(more), memory_.height);
  }
  [[nodiscard]] at::Tensor mask_rows(size_t step, Rows rows) const;
  [[nodiscard]] at::Tensor input_rows(Rows rows) const;
  [[nodiscard]] StepResult run_step(size_t step, const at::Tensor& input, Rows have, Rows wanted,
                                    const at::Tensor& marks) const;
  void show_and_keep(size_t step, const StepResult& result, Rows own, Rows have);
  void pool(const at::Tensor& features, Rows own, const at::Tensor& pooled);

  [[nodiscard]] std::vector<TappedFeatures> computed_again(Rows own) const;
  [[nodiscard]] Passing start(Rows rows, const at::Tensor& upstream) const;
  [[nodiscard]] Passing convolve_back(size_t step, const FeatureRows& from, Rows wanted,
                                      const std::vector<TappedFeatures>& tapped,
                                      const at::Tensor& output) const;
  [[nodiscard]] ConvolutionFinish finish_at(size_t step, Rows rows,
                                            const std::vector<TappedFeatures>& tapped) const;
  void finish_step(size_t step, Rows rows, const TappedFeatures& tapped, Passing& passing) const;
  void add_tap_gradients(const std::string& layer, const at::Tensor& features, int64_t first_row,
                         bool through_relu, at::Tensor& gradient) const;

  const Sight& sight_;
  size_t index_;
  const Stage& stage_;
  StageMemory& memory_;
};

}  // namespace styletransfer::detail
