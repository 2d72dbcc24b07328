#include "serialization/network_file_type.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include "base/file_type.h"
#include "base/mapped_file.h"
#include "serialization/torchscript_archive.h"

namespace styletransfer::detail {
namespace {

namespace fs = std::filesystem;
using std::string_view_literals::operator""sv;

// Bytes that file_type_of() needs.
constexpr std::size_t kStartBytes = 4096;

std::string read_part(std::ifstream& file, std::uint64_t offset, std::size_t bytes) {
  std::string part(bytes, '\0');
  file.clear();
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(part.data(), static_cast<std::streamsize>(bytes));
  part.resize(static_cast<std::size_t>(file.gcount()));
  return part;
}

/// A complete zip archive ends in an "end of central directory" record of 22 bytes and a comment of
/// at most 64 KiB.
bool has_zip_directory(std::ifstream& file, std::uint64_t size) {
  const std::uint64_t tail_bytes = std::min<std::uint64_t>(size, 65'536 + 22);
  const std::string tail = read_part(file, size - tail_bytes, tail_bytes);
  return tail.find("PK\5\6"sv) != std::string::npos;
}

/// Distinguishes this program's network files from other TorchScript: their root attributes appear
/// by name in the archive's code.
bool code_names_input_convention(const TorchScriptArchive& archive) {
  std::uint64_t left = kMaxCodeBytes;
  for (const std::string& record : archive.names()) {
    if (!record.starts_with("code/") || !record.ends_with(".py")) continue;
    const std::string code = archive.read(record, left);
    left -= code.size();
    if (code.find("input_deviation") != std::string::npos) return true;
  }
  return false;
}

NetworkFileType classify_zip(const std::string& path, std::ifstream& file, std::uint64_t size) {
  if (!has_zip_directory(file, size)) return NetworkFileType::kTruncatedZip;
  try {
    const TorchScriptArchive archive(path);
    if (archive.has("constants.pkl")) {
      return code_names_input_convention(archive) ? NetworkFileType::kNetwork
                                                  : NetworkFileType::kForeignTorchScript;
    }
    return archive.has("data.pkl") ? NetworkFileType::kPythonWeights : NetworkFileType::kOtherZip;
  } catch (const NoNetworkInArchive&) {
    return NetworkFileType::kOtherZip;
  }
}

bool is_safetensors(std::string_view start, std::uint64_t size) {
  if (start.size() < 9 || start[8] != '{') return false;
  std::uint64_t header_bytes = 0;
  for (int i = 7; i >= 0; --i) {
    header_bytes = header_bytes << 8U | static_cast<unsigned char>(start[i]);
  }
  return header_bytes <= size;
}

}  // namespace

NetworkFileType network_file_type_of(const std::string& path) {
  std::error_code problem;
  const fs::file_status status = fs::status(path, problem);
  if (status.type() == fs::file_type::not_found) return NetworkFileType::kMissing;
  if (fs::is_directory(status)) return NetworkFileType::kFolder;
  const bool may_be_opened = status.type() == fs::file_type::regular;
  if (!may_be_opened && fs::exists(status)) return NetworkFileType::kSpecial;
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw UnusableNetwork("cannot be read: " + open_error_text(errno));
  const std::uint64_t size = fs::file_size(path, problem);
  if (problem) throw UnusableNetwork("cannot be read: " + open_error_text(problem.value()));
  if (size == 0) return NetworkFileType::kEmpty;

  const std::string start = read_part(file, 0, kStartBytes);
  if (start.starts_with("PK\3\4"sv)) return classify_zip(path, file, size);
  // The magic number of torch.save's old format, as a protocol 2 pickle.
  if (start.starts_with("\x80\x02\x8a\x0al\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"sv)) {
    return NetworkFileType::kLegacyPythonWeights;
  }
  if (start.starts_with("\x80"sv)) return NetworkFileType::kPythonWeights;
  if (is_safetensors(start, size)) return NetworkFileType::kSafetensors;
  // ONNX is a protobuf message: field 1 (format version, a small number), then field 2 (producer
  // name).
  if (start.size() > 3 && start[0] == 8 && start[1] < 32 && start[2] == 18) {
    return NetworkFileType::kOnnx;
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(start.data());
  switch (file_type_of({bytes, start.size()}).format) {
    case FileFormat::kHdf5:
      return NetworkFileType::kHdf5;
    case FileFormat::kText:
      return NetworkFileType::kText;
    case FileFormat::kOther:
      return NetworkFileType::kUnknown;
    default:
      return NetworkFileType::kImage;
  }
}

std::string explain_network_file(NetworkFileType kind, const std::string& path) {
  const std::string fetch = "make one with: scripts/fetch_model";
  const std::string convert =
      "save its weights as safetensors and convert them with: styletransfer model import";
  switch (kind) {
    case NetworkFileType::kNetwork:
      return "";
    case NetworkFileType::kMissing:
      return "does not exist; " + fetch;
    case NetworkFileType::kFolder:
      return "is a folder; name the file, such as models/vgg19.pt";
    case NetworkFileType::kEmpty:
      return "is empty; " + fetch;
    case NetworkFileType::kTruncatedZip:
      return "is cut off (an incomplete copy or download); " + fetch;
    case NetworkFileType::kSpecial:
      return "is a pipe or a device; copy it to a file first";
    case NetworkFileType::kOtherZip:
      return "is a zip archive without a network in it; " + fetch;
    case NetworkFileType::kForeignTorchScript:
      return "is TorchScript of another program: it does not say how its input is prepared; " +
             convert;
    case NetworkFileType::kPythonWeights:
      return "is a Python weight file (.pth, a pickled state dict), not a network file; " + convert;
    case NetworkFileType::kLegacyPythonWeights:
      return "is a Python weight file in the old pickle format, not a network file; " + convert;
    case NetworkFileType::kSafetensors:
      return "is a safetensors file; convert it with: styletransfer model import " + path;
    case NetworkFileType::kOnnx:
      return "is an ONNX model; " + convert;
    case NetworkFileType::kHdf5:
      return "is an HDF5 (Keras) weight file; " + convert;
    case NetworkFileType::kImage:
      return "is an image, not a network file; " + fetch;
    case NetworkFileType::kText:
      return "is text (perhaps a failed download), not a network file; " + fetch;
    case NetworkFileType::kUnknown:
      return "is not a network file; " + fetch;
  }
  return "is not a network file; " + fetch;
}

}  // namespace styletransfer::detail
