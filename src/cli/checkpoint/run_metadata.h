// Run metadata stored in the image: enough to know how it was made and to reproduce it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/inputs/input_hashes.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

/// Inputs, environment and results of a run, beyond its options.
struct RunMetadata {
  InputHashes inputs;
  std::string network_source;
  std::string runtime_description;
  int threads = 0;
  std::string precision;
  Ending ending = Ending::kFinished;
  std::vector<PassReport> passes;
  double seconds = 0.0;
  /// For a snapshot: iterations done, over all passes.
  std::optional<int> snapshot_of_step;
};

/// Everything that determines the image except the machine: one line of JSON.
[[nodiscard]] std::string request_text(const StylizeOptions& options, const InputHashes& inputs);

/// First difference between two JSON objects of settings: "style_weight is 12.0 there and 20.0
/// now"; empty when they agree.
[[nodiscard]] std::string settings_difference(const std::string& there, const std::string& now);

/// True when an image with these stored settings was written by an unfinished run.
[[nodiscard]] bool is_unfinished(const std::string& stored_settings);

/// "float32", "int16" or "bfloat16".
[[nodiscard]] std::string precision_name(const Runtime& runtime);

/// One line of JSON. Keys are the flag names with underscores; every default is resolved.
[[nodiscard]] std::string settings_json(const StylizeOptions& options, const RunMetadata& record);

/// Same, as stored in the image: with --reproducible or $SOURCE_DATE_EPOCH without times, machine
/// and folders, which differ between runs that make the same image.
[[nodiscard]] std::string stored_settings(const StylizeOptions& options, const RunMetadata& record);

/// First difference between an image's stored settings and what these options would make of these
/// inputs: "style_weight is 12.0 there and 20.0 now"; empty when they agree and the run was
/// finished. Input names and folders, device and threads are ignored, and so is the precision
/// unless it was set explicitly.
[[nodiscard]] std::string difference_from(const std::string& stored_settings,
                                          const StylizeOptions& options, const InputHashes& inputs);

}  // namespace styletransfer::cli
