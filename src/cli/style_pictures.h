// Style pictures as many jobs use them: each decoded once for a size.
#pragma once

#include <list>
#include <memory>
#include <string>

#include "styletransfer/image.h"

namespace styletransfer::cli {

/// The latest pictures, by path and size, as many as take little memory. A picture that is asked
/// for again is the same object, by which a Studio knows that it has its targets already.
class StylePictures {
 public:
  /// The picture with the long side `wanted_long_edge_px` (see open_picture; 0: whole). Throws
  /// UsageError naming `flag`.
  [[nodiscard]] std::shared_ptr<const Image> at(const std::string& flag, const std::string& path,
                                                int wanted_long_edge_px);

 private:
  struct Entry {
    std::string path;
    int long_edge_px;
    std::shared_ptr<const Image> image;
  };

  void drop_beyond_limit();

  std::list<Entry> entries_;  // the latest used first
};

}  // namespace styletransfer::cli
