// Paths of a job's masks.
#pragma once

#include <string>
#include <vector>

namespace styletransfer::cli {

struct MaskPaths {
  /// One per style, in the styles' order, or an empty list; an empty string: no mask for that
  /// style.
  std::vector<std::string> content;
  std::vector<std::string> style;
  /// Empty: none.
  std::string untouched;
  std::string content_weight;
};

}  // namespace styletransfer::cli
