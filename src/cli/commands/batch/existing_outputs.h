// Existing files at the output paths of a batch.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/commands/batch/batch_item.h"
#include "styletransfer/image_io.h"

namespace styletransfer::cli {

struct OutputState {
  enum class Kind {
    /// To be made: there is no file, or --overwrite is set.
    kMissing,
    /// Finished, made from the same inputs with the same settings.
    kFinished,
    /// Any other file.
    kDiffers,
    /// Cannot be made: one of its images cannot be used.
    kFails,
  };
  Kind kind = Kind::kMissing;
  /// kDiffers: the first difference.
  std::string difference;
};

/// State as printed by --dry-run: "paint", "finished", "differs", "fails".
[[nodiscard]] const char* state_word(const OutputState& state);

/// Inspects the output file of each pair. A finished image is recognized by its stored settings:
/// the hashes of the input images and the network, and everything else that determines the result
/// (see ItemStylizer::difference_of).
[[nodiscard]] std::vector<OutputState> inspect_outputs(std::span<const Pair> pairs,
                                                       const WriteOptions& write,
                                                       ItemStylizer& maker);

/// Prints state, content, style and result of each pair to stdout (--dry-run); backslash, tab and
/// newline in names are escaped as `\\`, `\t` and `\n`.
void print_outputs(std::span<const Pair> pairs, const std::vector<OutputState>& states);

/// Throws UsageError, naming the first one, when any output file differs.
void refuse_differing_outputs(std::span<const Pair> pairs, const std::vector<OutputState>& states);

}  // namespace styletransfer::cli
