// What lies already where a batch's results will go.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/batch/pair_maker.h"
#include "styletransfer/image_io.h"

namespace styletransfer::cli {

struct OutputState {
  enum class Kind {
    /// To be painted: nothing is there, or --overwrite.
    kMissing,
    /// Made to the end, of the same files with the same settings.
    kFinished,
    /// Something else.
    kDiffers,
  };
  Kind kind = Kind::kMissing;
  /// kDiffers: in what.
  std::string difference;
};

/// The words of --dry-run: "paint", "finished", "differs".
[[nodiscard]] const char* state_word(const OutputState& state);

/// Looks at each result's file. A finished picture is known by the settings stored in it: the
/// hashes of its pictures and of the network, and everything that decides how it is painted (see
/// PairMaker::difference_of).
[[nodiscard]] std::vector<OutputState> look_at_outputs(std::span<const Pair> pairs,
                                                       const WriteOptions& write, PairMaker& maker);

/// --dry-run: state, content, style and result of each, on stdout; a backslash, a tab and a line
/// end in a name stand as \\, \t and \n.
void print_outputs(std::span<const Pair> pairs, const std::vector<OutputState>& states);

/// Throws UsageError, naming the first, where a result's file is something else.
void refuse_differing_outputs(std::span<const Pair> pairs, const std::vector<OutputState>& states);

}  // namespace styletransfer::cli
