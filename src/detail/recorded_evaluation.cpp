#include "detail/recorded_evaluation.h"

#include <ATen/ATen.h>

#include <utility>

namespace styletransfer::detail {

RecordedEvaluation::RecordedEvaluation(Objective& objective, at::Tensor picture_rgb01,
                                       GraphMaker make_graph,
                                       std::function<void(const std::string&)> on_failure)
    : objective_(objective), picture_(std::move(picture_rgb01)) {
  if (!make_graph) return;
  recorded_.emplace([this] { evaluate_on_device(); },
                    [this] { return values_.sum().item<double>(); }, std::move(make_graph),
                    [this, on_failure = std::move(on_failure)](const std::string& reason) {
                      has_failed_ = true;
                      if (on_failure) on_failure(reason);
                    });
}

void RecordedEvaluation::evaluate_on_device() {
  gradient_ = objective_.queue_evaluation(picture_).gradient;
  std::vector<at::Tensor> values;
  for (const Objective::Term& term : objective_.queued_terms()) {
    values.push_back(term.value.on_device(picture_.device()));
  }
  values_ = at::stack(values);
}

Objective::QueuedEvaluation RecordedEvaluation::queue() {
  if (!recorded_) return objective_.queue_evaluation(picture_);
  recorded_->run();
  terms_ = objective_.queued_terms();
  Objective::QueuedEvaluation result;
  // A record's is written again; any other would keep its part of the evaluation's memory.
  result.gradient = recorded_->is_recorded() ? gradient_ : std::move(gradient_);
  for (size_t i = 0; i < terms_.size(); ++i) {
    // Not the objective's own: those of a record were read after its first run.
    terms_[i].value = DeferredNumber(values_.select(0, static_cast<int64_t>(i)));
    result.loss += terms_[i].value;
  }
  if (has_failed_) recorded_.reset();
  return result;
}

std::vector<LossTerm> RecordedEvaluation::terms() const {
  // After a failure the objective has the last evaluation's terms as well.
  return recorded_ ? known_terms(terms_) : objective_.terms();
}

}  // namespace styletransfer::detail
