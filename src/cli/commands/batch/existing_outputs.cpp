#include "cli/commands/batch/existing_outputs.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;
using Kind = OutputState::Kind;

/// First difference between the file and what the pair would become; empty when it is finished.
std::string difference_of(const Pair& pair, ItemStylizer& maker) {
  std::optional<std::string> stored;
  try {
    stored = read_settings(pair.output_path);
  } catch (const Error&) {
    return "it cannot be read as an image";
  }
  return stored ? maker.difference_of(pair, *stored) : "it was not made by this program";
}

/// Escapes backslash, tab and newline in a path.
std::string field(const std::string& path) {
  std::string text;
  for (const char c : path) {
    if (c == '\\') {
      text += "\\\\";
    } else if (c == '\t') {
      text += "\\t";
    } else if (c == '\n') {
      text += "\\n";
    } else {
      text += c;
    }
  }
  return text;
}

OutputState state_of(const Pair& pair, const WriteOptions& write, ItemStylizer& maker) {
  std::error_code problem;
  // An unusable input produces no result, so there is nothing to compare.
  for (const SourceImage* source : {pair.content, pair.style}) {
    if (!source->problem.empty()) return {Kind::kFails, ""};
  }
  if (write.overwrite || !fs::exists(pair.output_path, problem)) return {};
  std::string difference = difference_of(pair, maker);
  return {difference.empty() ? Kind::kFinished : Kind::kDiffers, std::move(difference)};
}

}  // namespace

const char* state_word(const OutputState& state) {
  switch (state.kind) {
    case Kind::kFinished:
      return "finished";
    case Kind::kDiffers:
      return "differs";
    case Kind::kFails:
      return "fails";
    case Kind::kMissing:
      break;
  }
  return "paint";
}

std::vector<OutputState> inspect_outputs(std::span<const Pair> pairs, const WriteOptions& write,
                                         ItemStylizer& maker) {
  std::vector<OutputState> states;
  states.reserve(pairs.size());
  for (const Pair& pair : pairs) states.push_back(state_of(pair, write, maker));
  return states;
}

void print_outputs(std::span<const Pair> pairs, const std::vector<OutputState>& states) {
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const std::string line = std::string(state_word(states[i])) + "\t" +
                             field(pairs[i].content->path) + "\t" + field(pairs[i].style->path) +
                             "\t" + field(pairs[i].output_path) + "\n";
    std::fputs(line.c_str(), stdout);
  }
}

void refuse_differing_outputs(std::span<const Pair> pairs, const std::vector<OutputState>& states) {
  const auto differs = [](const OutputState& state) { return state.kind == Kind::kDiffers; };
  const auto count = std::count_if(states.begin(), states.end(), differs);
  if (count == 0) return;
  const auto first = std::find_if(states.begin(), states.end(), differs);
  const Pair& pair = pairs[static_cast<std::size_t>(first - states.begin())];
  throw UsageError("--output: " + pair.output_path +
                   " already exists and is not what would be made: " + first->difference +
                   (count > 1 ? " (and " + std::to_string(count - 1) + " more)" : "") +
                   "; choose another folder, or add --overwrite to remake everything");
}

}  // namespace styletransfer::cli
