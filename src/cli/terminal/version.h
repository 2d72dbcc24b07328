// Program version.
#pragma once

#include <string>

namespace styletransfer::cli {

/// "1.2.3".
[[nodiscard]] std::string program_version();

/// The version of LibTorch that the program was built with: "2.15.0".
[[nodiscard]] std::string libtorch_version();

}  // namespace styletransfer::cli
