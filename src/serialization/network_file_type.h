// Type of a file that was given as a network, recognized by its contents.
#pragma once

#include <string>

namespace styletransfer::detail {

enum class NetworkFileType {
  kMissing,
  kFolder,
  kSpecial,
  kEmpty,
  kTruncatedZip,
  kOtherZip,
  kNetwork,
  kForeignTorchScript,
  kPythonWeights,
  kLegacyPythonWeights,
  kSafetensors,
  kOnnx,
  kHdf5,
  kImage,
  kText,
  kUnknown,
};

/// Recognizes a file's type. Reads the first bytes; for a zip archive also its directory and its
/// code (a few kilobytes). Does not open pipes or devices.
/// Throws UnusableNetwork if the file cannot be read or is a zip archive that cannot be used.
[[nodiscard]] NetworkFileType network_file_type_of(const std::string& path);

/// Error message for a `path` that was given as a network, for example "is a safetensors file;
/// convert it with: styletransfer model import vgg.safetensors". Empty for kNetwork.
[[nodiscard]] std::string explain_network_file(NetworkFileType kind, const std::string& path);

}  // namespace styletransfer::detail
