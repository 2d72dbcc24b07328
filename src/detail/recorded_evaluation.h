// The evaluation of a pass's picture, from a record of its operations where the device makes one.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "detail/recorded_work.h"
#include "styletransfer/objective.h"

namespace styletransfer::detail {

class RecordedEvaluation {
 public:
  /// picture: [h, w, 3], the same memory in every evaluation. make_graph, on_failure: as for
  /// RecordedWork; without a make_graph every evaluation is the objective's own. The objective must
  /// outlive this.
  RecordedEvaluation(Objective& objective, at::Tensor picture_rgb01, GraphMaker make_graph,
                     std::function<void(const std::string&)> on_failure);
  // The recorded work holds this object's address.
  RecordedEvaluation(const RecordedEvaluation&) = delete;
  RecordedEvaluation& operator=(const RecordedEvaluation&) = delete;

  /// Objective::queue_evaluation of the picture as it is now. The gradient's memory may be that of
  /// the next evaluation's: it is to be read before that is queued.
  [[nodiscard]] Objective::QueuedEvaluation queue();
  /// The weighted terms of the last evaluation; see Objective::terms().
  [[nodiscard]] std::vector<LossTerm> terms() const;

 private:
  void evaluate_on_device();

  Objective& objective_;
  at::Tensor picture_;
  /// None where evaluations are not recorded, from the beginning or since it failed.
  std::optional<RecordedWork> recorded_;
  bool has_failed_ = false;
  at::Tensor gradient_;
  /// Every term of the loss, [terms] float64, on the device.
  at::Tensor values_;
  std::vector<Objective::Term> terms_;
};

}  // namespace styletransfer::detail
