// Cache of decoded style images, shared by many jobs.
#pragma once

#include <list>
#include <memory>
#include <string>

#include "cli/inputs/input_files.h"
#include "styletransfer/image.h"

namespace styletransfer::cli {

/// Least-recently-used cache by path and size, bounded in memory. A repeated request returns the
/// same object, by which a TransferSession recognizes cached style targets.
class StyleImages {
 public:
  /// The image with long side `wanted_long_edge_px` (0: full size), read through `files`. Throws
  /// UsageError that names `flag`.
  [[nodiscard]] std::shared_ptr<const Image> at(InputFiles& files, const std::string& flag,
                                                const std::string& path, int wanted_long_edge_px);

 private:
  struct Entry {
    std::string path;
    int long_edge_px;
    std::shared_ptr<const Image> image;
  };

  void drop_beyond_limit();

  std::list<Entry> entries_;  // most recently used first
};

}  // namespace styletransfer::cli
