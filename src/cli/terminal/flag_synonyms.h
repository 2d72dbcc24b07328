// Suggestions for flags and values as other programs call them.
#pragma once

#include <string>
#include <vector>

namespace styletransfer::cli {

/// Like detail::did_you_mean, and looks first for what a word of other programs is called here:
/// "--out" for --output, "gpu" for cuda.
[[nodiscard]] std::string did_you_mean(const std::string& given,
                                       const std::vector<std::string>& known);

}  // namespace styletransfer::cli
