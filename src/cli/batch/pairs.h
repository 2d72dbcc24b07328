// Every content with every style, where each result goes, and which part of the list is whose.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/batch/sources.h"

namespace styletransfer::cli {

/// One picture to make. The pointers are into the lists given to make_pairs.
struct Pair {
  const SourcePicture* content;
  const SourcePicture* style;
  std::string output_path;
};

/// All pairs, style by style. Results are called `CONTENT-STYLE.ENDING`, by the sources' names;
/// where two would be called the same, both get a double dash. Throws UsageError where names meet
/// even so, and for a result that would lie over a source.
[[nodiscard]] std::vector<Pair> make_pairs(const std::vector<SourcePicture>& contents,
                                           const std::vector<SourcePicture>& styles,
                                           const std::string& folder, const std::string& ending);

/// `--shard 3/16`: the third of sixteen parts.
struct Shard {
  int index = 1;  // from 1
  int count = 1;
};

/// A part of the list in one piece; parts differ by one pair at most, and together are the list.
[[nodiscard]] std::span<const Pair> part_of(std::span<const Pair> pairs, Shard shard);

}  // namespace styletransfer::cli
