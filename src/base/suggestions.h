// Suggestions for mistyped names and for words of other programs.
#pragma once

#include <string>
#include <vector>

namespace styletransfer::detail {

/// Returns "; did you mean 'relu4_1'?", else "". Looks first for a synonym ("--out" for --output,
/// "gpu" for cuda), then for known names that begin with the word (at most three), then for the
/// nearest one by edit distance.
[[nodiscard]] std::string did_you_mean(const std::string& given,
                                       const std::vector<std::string>& known);

/// Joins names: "a, b, c".
[[nodiscard]] std::string joined(const std::vector<std::string>& names,
                                 const std::string& separator = ", ");

}  // namespace styletransfer::detail
