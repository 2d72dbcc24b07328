#include "styletransfer/training.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "detail/sealed_tensors.h"
#include "styletransfer/error.h"

namespace styletransfer {
namespace {

using Json = nlohmann::ordered_json;

// Of the file's form; a file of another one is refused.
constexpr int kFormat = 1;

}  // namespace

void save_training_state(const TrainingState& state, const std::string& binding,
                         const std::string& path) {
  const Json text = {
      {"training_format", kFormat}, {"numbers", state.numbers}, {"binding", binding}};
  detail::write_sealed({state.tensors, text.dump()}, path);
}

SavedTraining load_training_state(const std::string& path) {
  detail::SealedTensors contents = detail::read_sealed(path);
  try {
    const Json json = Json::parse(contents.text);
    if (json.at("training_format").get<int>() != kFormat) {
      throw UsageError("'" + path + "' was written by another version of this program");
    }
    SavedTraining saved;
    json.at("numbers").get_to(saved.state.numbers);
    json.at("binding").get_to(saved.binding);
    saved.state.tensors = std::move(contents.tensors);
    return saved;
  } catch (const Json::exception&) {
    throw UsageError("'" + path + "' is not the state of a training");
  }
}

}  // namespace styletransfer
