#include "styletransfer/checkpoint.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "serialization/checkpoint_file.h"
#include "styletransfer/error.h"

namespace styletransfer {
namespace {

using Json = nlohmann::ordered_json;

// Version of the file format; files of other versions are rejected.
constexpr int kFormat = 4;

}  // namespace

void save_checkpoint(const Checkpoint& checkpoint, const std::string& fingerprint,
                     const std::string& path) {
  const Json text = {{"format", kFormat},
                     {"fingerprint", fingerprint},
                     {"pass_index", checkpoint.pass_index},
                     {"iteration", checkpoint.iteration},
                     {"state", checkpoint.text}};
  detail::write_checkpoint_file({checkpoint.tensors, text.dump()}, path);
}

std::uint64_t checkpoint_file_bytes(const Checkpoint& checkpoint) {
  constexpr std::uint64_t kHeaderBytes = 1 << 16;
  std::uint64_t bytes = kHeaderBytes + checkpoint.text.size();
  for (const auto& [name, tensor] : checkpoint.tensors) bytes += tensor.nbytes();
  return bytes;
}

SavedCheckpoint load_checkpoint(const std::string& path) {
  detail::CheckpointContents contents = detail::read_checkpoint_file(path);
  const Json json = Json::parse(contents.text, nullptr, /*allow_exceptions=*/false);
  try {
    // Before format 4, runs and trainings had forms of their own.
    const bool is_older = json.contains("format") || json.contains("training_format");
    if (is_older && json.value("format", 0) != kFormat) {
      throw UsageError("'" + path + "' was written by another version of this program");
    }
    SavedCheckpoint saved;
    json.at("fingerprint").get_to(saved.fingerprint);
    json.at("pass_index").get_to(saved.checkpoint.pass_index);
    json.at("iteration").get_to(saved.checkpoint.iteration);
    json.at("state").get_to(saved.checkpoint.text);
    saved.checkpoint.tensors = std::move(contents.tensors);
    return saved;
  } catch (const Json::exception&) {
    throw UsageError("'" + path + "' is not a state file of this program");
  }
}

}  // namespace styletransfer
