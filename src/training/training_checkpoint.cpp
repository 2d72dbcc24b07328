#include <nlohmann/json.hpp>
#include <utility>

#include "serialization/checkpoint_file.h"
#include "styletransfer/error.h"
#include "styletransfer/training.h"

namespace styletransfer {
namespace {

using Json = nlohmann::ordered_json;

// Version of the file format; files of other versions are rejected.
constexpr int kFormat = 1;

}  // namespace

void save_training_state(const TrainingState& state, const std::string& fingerprint,
                         const std::string& path) {
  const Json text = {
      {"training_format", kFormat}, {"numbers", state.numbers}, {"binding", fingerprint}};
  detail::write_checkpoint_file({state.tensors, text.dump()}, path);
}

SavedTraining load_training_state(const std::string& path) {
  detail::CheckpointContents contents = detail::read_checkpoint_file(path);
  try {
    const Json json = Json::parse(contents.text);
    if (json.at("training_format").get<int>() != kFormat) {
      throw UsageError("'" + path + "' was written by another version of this program");
    }
    SavedTraining saved;
    json.at("numbers").get_to(saved.state.numbers);
    json.at("binding").get_to(saved.fingerprint);
    saved.state.tensors = std::move(contents.tensors);
    return saved;
  } catch (const Json::exception&) {
    throw UsageError("'" + path + "' is not the state of a training");
  }
}

}  // namespace styletransfer
