// Help for mistyped names.
#pragma once

#include <string>
#include <vector>

namespace styletransfer::detail {

/// "; did you mean 'relu4_1'?" when a known name is close to `name`, else "".
[[nodiscard]] std::string did_you_mean(const std::string& name,
                                       const std::vector<std::string>& known);

/// "a, b, c".
[[nodiscard]] std::string joined(const std::vector<std::string>& names,
                                 const std::string& separator = ", ");

}  // namespace styletransfer::detail
