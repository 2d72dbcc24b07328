// Path of the real network, for suites with Weights in their names.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace styletransfer {

inline std::filesystem::path real_network_path() {
  const char* named = std::getenv("STYLETRANSFER_MODEL");
  if (named != nullptr && *named != '\0') return named;
  return std::filesystem::path(STYLETRANSFER_SOURCE_DIR) / "models" / "vgg19.pt";
}

}  // namespace styletransfer
