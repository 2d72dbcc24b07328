// Content-style pairs of a batch, their output paths, and shards of the list.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/inputs/image_list.h"
#include "cli/options/shard.h"

namespace styletransfer::cli {

/// One image to make. The pointers refer to the lists passed to make_batch_pairs.
struct Pair {
  const SourceImage* content;
  const SourceImage* style;
  std::string output_path;
};

/// All pairs, style by style. Outputs are named `CONTENT-STYLE.ENDING` after the sources; where two
/// would have the same name, both get a double dash. Throws UsageError when names still collide,
/// and when an output would overwrite a source.
[[nodiscard]] std::vector<Pair> make_batch_pairs(const std::vector<SourceImage>& contents,
                                                 const std::vector<SourceImage>& styles,
                                                 const std::string& folder,
                                                 const std::string& ending);

/// The contiguous part of the list for this shard; sizes differ by one pair at most, and all shards
/// together are the list.
[[nodiscard]] std::span<const Pair> part_of(std::span<const Pair> pairs, Shard shard);

}  // namespace styletransfer::cli
