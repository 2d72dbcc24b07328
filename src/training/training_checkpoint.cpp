#include "training/training_checkpoint.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

Checkpoint checkpoint_of(TrainingState state) {
  const int iteration = static_cast<int>(state.numbers.at("iteration"));
  return {0, iteration, std::move(state.tensors), Json(state.numbers).dump()};
}

TrainingState training_state_of(Checkpoint checkpoint) {
  try {
    TrainingState state;
    Json::parse(checkpoint.text).get_to(state.numbers);
    state.tensors = std::move(checkpoint.tensors);
    if (state.numbers.contains("iteration") && state.numbers.contains("seconds")) return state;
  } catch (const Json::exception&) {
    // Refused below.
  }
  throw UsageError("the checkpoint is not one of a training");
}

}  // namespace styletransfer::detail
