#include "training/best_checkpoint.h"

#include <string>

namespace styletransfer::detail {
namespace {

// Names in a checkpoint.
constexpr const char* kPrefix = "best.";
constexpr const char* kLoss = "best_loss";
constexpr const char* kChecksSince = "checks_since_best";

}  // namespace

void BestCheckpoint::update(double loss, const NamedTensors& weights) {
  if (has_any() && !(loss < loss_)) {
    ++checks_since_;
    return;
  }
  loss_ = loss;
  checks_since_ = 0;
  weights_ = copies_of(weights);
}

void BestCheckpoint::save_to(TrainingState& state) const {
  if (!has_any()) return;
  for (const auto& [name, tensor] : weights_) state.tensors[kPrefix + name] = tensor;
  state.numbers[kLoss] = loss_;
  state.numbers[kChecksSince] = checks_since_;
}

void BestCheckpoint::restore(const TrainingState& state) {
  if (!state.numbers.contains(kLoss)) return;
  loss_ = state.numbers.at(kLoss);
  checks_since_ = static_cast<int>(state.numbers.at(kChecksSince));
  weights_ = copies_of(tensors_under(kPrefix, state.tensors));
}

}  // namespace styletransfer::detail
