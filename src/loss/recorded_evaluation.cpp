#include "loss/recorded_evaluation.h"

#include <ATen/ATen.h>

#include <utility>

namespace styletransfer::detail {

RecordedEvaluation::RecordedEvaluation(Objective& objective, at::Tensor image_rgb01,
                                       GraphMaker make_graph,
                                       std::function<void(const std::string&)> on_failure)
    : objective_(objective), image_(std::move(image_rgb01)) {
  if (!make_graph) return;
  recorded_.emplace([this] { evaluate_on_device(); },
                    [this] { return values_.sum().item<double>(); }, std::move(make_graph),
                    [this, on_failure = std::move(on_failure)](const std::string& reason) {
                      has_failed_ = true;
                      if (on_failure) on_failure(reason);
                    });
}

void RecordedEvaluation::evaluate_on_device() {
  gradient_ = objective_.queue_evaluation(image_).gradient;
  std::vector<at::Tensor> values;
  for (const Objective::Term& term : objective_.queued_terms()) {
    values.push_back(term.value.on_device(image_.device()));
  }
  values_ = at::stack(values);
}

Objective::QueuedEvaluation RecordedEvaluation::queue() {
  if (!recorded_) return objective_.queue_evaluation(image_);
  recorded_->run();
  terms_ = objective_.queued_terms();
  Objective::QueuedEvaluation result;
  // A replay writes to the same gradient again, so the graph keeps it. A direct run allocates a new
  // one; keeping the old one would waste memory.
  result.gradient = recorded_->is_recorded() ? gradient_ : std::move(gradient_);
  for (size_t i = 0; i < terms_.size(); ++i) {
    // Not the objective's numbers: after the capture they count as already read.
    terms_[i].value = DeferredNumber(values_.select(0, static_cast<int64_t>(i)));
    result.loss += terms_[i].value;
  }
  if (has_failed_) recorded_.reset();
  return result;
}

std::vector<LossTerm> RecordedEvaluation::terms() const {
  // After a failed capture the last evaluation ran directly, so the objective has its terms.
  return recorded_ ? known_terms(terms_) : objective_.terms();
}

}  // namespace styletransfer::detail
