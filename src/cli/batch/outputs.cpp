#include "cli/batch/outputs.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "cli/checkpointing.h"
#include "cli/input_hashes.h"
#include "cli/picture_job.h"
#include "styletransfer/error.h"
#include "styletransfer/image_io.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;
using Kind = OutputState::Kind;

/// In what the file differs from what the pair would become; empty when it is finished.
std::string difference_of(const Pair& pair, const StylizeOptions& options, Workshop& workshop) {
  std::optional<std::string> stored;
  try {
    stored = read_settings(pair.output_path);
  } catch (const Error&) {
    return "it cannot be read as a picture";
  }
  if (!stored) return "it was not made by this program";
  // A broken picture has no size to make a schedule of; its result cannot be judged by more.
  const Size size = pair.content->size == Size{} ? Size{512, 512} : pair.content->size;
  const bool with_network = needs_network(options, make_schedule(options.job.schedule, size));
  return difference_from(*stored, options, input_hashes(options, with_network, workshop));
}

OutputState state_of(const Pair& pair, const StylizeOptions& shared, Workshop& workshop) {
  std::error_code trouble;
  if (shared.write.overwrite || !fs::exists(pair.output_path, trouble)) return {};
  // Nothing can be made of it, so nothing is there to differ from.
  if (!pair.content->trouble.empty() || !pair.style->trouble.empty()) return {};
  std::string difference = difference_of(pair, options_of(pair, shared), workshop);
  return {difference.empty() ? Kind::kFinished : Kind::kDiffers, std::move(difference)};
}

}  // namespace

const char* state_word(const OutputState& state) {
  switch (state.kind) {
    case Kind::kFinished:
      return "finished";
    case Kind::kDiffers:
      return "differs";
    case Kind::kMissing:
      break;
  }
  return "paint";
}

StylizeOptions options_of(const Pair& pair, const StylizeOptions& shared) {
  StylizeOptions options = shared;
  options.content_path = pair.content->path;
  options.style_paths = {pair.style->path};
  options.output_path = pair.output_path;
  // The same command goes on, in the middle of a picture too; --overwrite begins anew.
  std::error_code ignored;
  options.control.resume =
      !options.write.overwrite && fs::exists(state_path_of(pair.output_path), ignored);
  return options;
}

std::vector<OutputState> look_at_outputs(std::span<const Pair> pairs, const StylizeOptions& shared,
                                         Workshop& workshop) {
  std::vector<OutputState> states;
  states.reserve(pairs.size());
  for (const Pair& pair : pairs) states.push_back(state_of(pair, shared, workshop));
  return states;
}

void refuse_differing_outputs(std::span<const Pair> pairs, const std::vector<OutputState>& states) {
  const auto differs = [](const OutputState& state) { return state.kind == Kind::kDiffers; };
  const auto count = std::count_if(states.begin(), states.end(), differs);
  if (count == 0) return;
  const auto first = std::find_if(states.begin(), states.end(), differs);
  const Pair& pair = pairs[static_cast<std::size_t>(first - states.begin())];
  throw UsageError("--output: " + pair.output_path +
                   " is there and is not what would be made: " + first->difference +
                   (count > 1 ? " (and " + std::to_string(count - 1) + " more)" : "") +
                   "; name another folder, or add --overwrite to make everything again");
}

}  // namespace styletransfer::cli
