// Suggestions for mistyped names.
#pragma once

#include <string>
#include <vector>

namespace styletransfer::detail {

/// ASCII letters in lower case.
[[nodiscard]] std::string lower_case(std::string text);

/// Returns "; did you mean 'relu4_1'?", else "". `meaning`: what the given word is known to mean;
/// empty: nothing. Looks first at that, then for known names that begin with the word (at most
/// three), then for the nearest one by edit distance.
[[nodiscard]] std::string did_you_mean(const std::string& given,
                                       const std::vector<std::string>& known,
                                       const std::string& meaning = "");

/// Joins names: "a, b, c".
[[nodiscard]] std::string joined(const std::vector<std::string>& names,
                                 const std::string& separator = ", ");

}  // namespace styletransfer::detail
