// Evaluation of an objective for one image, replayed from a CUDA graph if the device supports it.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "device/recorded_work.h"
#include "loss/objective.h"
#include "styletransfer/progress.h"

namespace styletransfer::detail {

class RecordedEvaluation {
 public:
  /// image: [h, w, 3], the same memory in every evaluation. make_graph, on_failure: see
  /// RecordedWork; without make_graph every evaluation calls the objective directly. The objective
  /// must outlive this object.
  RecordedEvaluation(Objective& objective, at::Tensor image_rgb01, GraphMaker make_graph,
                     std::function<void(const std::string&)> on_failure);
  // Not copyable or movable: the recorded work refers to `this`.
  RecordedEvaluation(const RecordedEvaluation&) = delete;
  RecordedEvaluation& operator=(const RecordedEvaluation&) = delete;

  /// Objective::queue_evaluation() for the current contents of the image. The next evaluation may
  /// reuse the gradient's memory: read it before calling queue() again.
  [[nodiscard]] Objective::QueuedEvaluation queue();
  /// The weighted terms of the last evaluation; see Objective::terms().
  [[nodiscard]] std::vector<LossTerm> terms() const;

 private:
  void evaluate_on_device();

  Objective& objective_;
  at::Tensor image_;
  /// Empty if evaluations are not recorded: no make_graph, or the capture failed.
  std::optional<RecordedWork> recorded_;
  bool has_failed_ = false;
  at::Tensor gradient_;
  /// Values of all loss terms, [terms] float64, on the device.
  at::Tensor values_;
  std::vector<Objective::Term> terms_;
};

}  // namespace styletransfer::detail
