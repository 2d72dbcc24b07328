// Facts about a feed-forward network file, for `model info`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "styletransfer/feed_forward_network.h"

namespace styletransfer::detail {

/// A convolution's name in the file and its weight's shape.
struct ConvolutionFacts {
  std::string name;
  std::vector<std::int64_t> shape;
};

struct FeedForwardFacts {
  /// The file's `kind` attribute; empty if it has none.
  std::string kind;
  /// Names of the style images that it was trained for, and JSON of the training; both empty for
  /// networks of other programs.
  std::string style;
  std::string training;
  /// The convention stored in the file.
  ConventionClues clues;
  std::int64_t parameters = 0;
  std::vector<ConvolutionFacts> convolutions;
};

/// Loads the file on the CPU as FeedForwardNetwork does, checked and in a sandbox unless it is
/// trusted, but runs no image through it. Throws UsageError.
[[nodiscard]] FeedForwardFacts read_feed_forward_facts(const std::string& path, NetworkTrust trust);

}  // namespace styletransfer::detail
