// What a file given as a network really is, told from its bytes.
#pragma once

#include <string>

namespace styletransfer::detail {

enum class FileKind {
  kMissing,
  kFolder,
  kUnreadable,
  kSpecial,
  kEmpty,
  kCutOffZip,
  kUnusableArchive,
  kOtherZip,
  kNetwork,
  kForeignTorchScript,
  kPythonWeights,
  kLegacyPythonWeights,
  kSafetensors,
  kOnnx,
  kHdf5,
  kPicture,
  kText,
  kUnknown,
};

/// Reads the first bytes and, of a zip archive, its directory and its few kilobytes of code. A pipe
/// or a device is not opened.
[[nodiscard]] FileKind classify_file(const std::string& path);

/// "is a safetensors file; convert it with: styletransfer model import vgg.safetensors": what to
/// tell a person who gave `path` as a network. Empty for kNetwork.
[[nodiscard]] std::string explain_file_kind(FileKind kind, const std::string& path);

}  // namespace styletransfer::detail
