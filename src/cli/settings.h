// The record of a run, stored in the picture: enough to know how it was made and to make it again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/options.h"

namespace styletransfer::cli {

/// SHA-256 of the files that a run reads.
struct InputHashes {
  std::string content;
  std::vector<std::string> styles;
  /// Of every mask by for_each_mask's order; empty without masks.
  std::vector<std::string> masks;
  /// Of the start picture, or of the network that paints it; empty without.
  std::string init;
  /// Empty when no pass needs the network.
  std::string network;
};

/// What a run used and reached, beyond its options.
struct RunRecord {
  InputHashes inputs;
  std::string network_source;
  std::string runtime_description;
  int threads = 0;
  std::string precision;
  Ending ending = Ending::kFinished;
  std::vector<PassReport> passes;
  double seconds = 0.0;
  /// Of a snapshot: steps done, of all passes together.
  std::optional<int> snapshot_of_step;
};

/// What decides the picture, the machine aside: JSON on one line.
[[nodiscard]] std::string request_text(const StylizeOptions& options, const InputHashes& inputs);

/// Where one JSON object of settings differs from another: "style_weight is 12.0 there and 20.0
/// now"; empty when they agree.
[[nodiscard]] std::string settings_difference(const std::string& there, const std::string& now);

/// Whether a picture with these settings stored in it is that of a run that had not ended.
[[nodiscard]] bool is_unfinished(const std::string& stored_settings);

/// "float32", "int16" or "bfloat16".
[[nodiscard]] std::string precision_name(const Runtime& runtime);

/// JSON on one line. Keys are the flags' words with underscores; every default is resolved.
[[nodiscard]] std::string settings_json(const StylizeOptions& options, const RunRecord& record);

/// The same as it is stored in the picture: with --reproducible or $SOURCE_DATE_EPOCH without what
/// differs between two runs that make the same picture (times, the machine, folders).
[[nodiscard]] std::string stored_settings(const StylizeOptions& options, const RunRecord& record);

/// Where a picture's stored settings differ from what these options would make of these inputs:
/// "style_weight is 12.0 there and 20.0 now"; empty when they agree and the run was finished. Names
/// and folders of the inputs, device and threads do not count, nor does a precision not asked for.
[[nodiscard]] std::string difference_from(const std::string& stored_settings,
                                          const StylizeOptions& options, const InputHashes& inputs);

}  // namespace styletransfer::cli
