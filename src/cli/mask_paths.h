// Files of the masks of a job.
#pragma once

#include <string>
#include <vector>

namespace styletransfer::cli {

struct MaskPaths {
  /// One a style, in the styles' order, or none at all; an empty one: no mask for that style.
  std::vector<std::string> content;
  std::vector<std::string> style;
  /// Empty: none.
  std::string untouched;
  std::string content_weight;
};

}  // namespace styletransfer::cli
