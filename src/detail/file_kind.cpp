#include "detail/file_kind.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include "detail/script_archive.h"

namespace styletransfer::detail {
namespace {

namespace fs = std::filesystem;
using std::string_view_literals::operator""sv;

std::string read_part(std::ifstream& file, std::uint64_t offset, std::size_t bytes) {
  std::string part(bytes, '\0');
  file.clear();
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(part.data(), static_cast<std::streamsize>(bytes));
  part.resize(static_cast<std::size_t>(file.gcount()));
  return part;
}

/// A whole zip archive ends in an "end of central directory" record, at most a comment (64 KiB) and
/// its own 22 bytes from the end.
bool has_zip_directory(std::ifstream& file, std::uint64_t size) {
  const std::uint64_t tail_bytes = std::min<std::uint64_t>(size, 65'536 + 22);
  const std::string tail = read_part(file, size - tail_bytes, tail_bytes);
  return tail.find("PK\5\6"sv) != std::string::npos;
}

/// The root attributes appear by name in the archive's code, so a few kilobytes tell our files from
/// other TorchScript.
bool code_names_input_convention(const ScriptArchive& archive) {
  std::uint64_t left = kMaxCodeBytes;
  for (const std::string& record : archive.names()) {
    if (!record.starts_with("code/") || !record.ends_with(".py")) continue;
    const std::string code = archive.read(record, left);
    left -= code.size();
    if (code.find("input_deviation") != std::string::npos) return true;
  }
  return false;
}

FileKind classify_zip(const std::string& path, std::ifstream& file, std::uint64_t size) {
  if (!has_zip_directory(file, size)) return FileKind::kCutOffZip;
  try {
    const ScriptArchive archive(path);
    if (archive.has("constants.pkl")) {
      return code_names_input_convention(archive) ? FileKind::kNetwork
                                                  : FileKind::kForeignTorchScript;
    }
    return archive.has("data.pkl") ? FileKind::kPythonWeights : FileKind::kOtherZip;
  } catch (const NoNetworkInArchive&) {
    return FileKind::kOtherZip;
  } catch (const UnusableNetwork&) {
    return FileKind::kUnusableArchive;
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

bool is_picture(std::string_view start) {
  return start.starts_with("\xFF\xD8\xFF"sv) || start.starts_with("\x89PNG"sv) ||
         start.starts_with("GIF8"sv) || start.starts_with("RIFF"sv) ||
         start.starts_with("II*\0"sv) || start.starts_with("MM\0*"sv);
}

bool is_text(std::string_view start) {
  return std::all_of(start.begin(), start.end(),
                     [](unsigned char c) { return std::isprint(c) != 0 || std::isspace(c) != 0; });
}

/// What is wrong with an archive that cannot be used.
std::string archive_problem(const std::string& path) {
  try {
    const ScriptArchive archive(path);
    static_cast<void>(code_names_input_convention(archive));
  } catch (const UnusableNetwork& problem) {
    return problem.what();
  }
  return "";
}

}  // namespace

FileKind classify_file(const std::string& path) {
  std::error_code trouble;
  const fs::file_status status = fs::status(path, trouble);
  if (status.type() == fs::file_type::not_found) return FileKind::kMissing;
  if (fs::is_directory(status)) return FileKind::kFolder;
  const bool may_be_opened = status.type() == fs::file_type::regular;
  if (!may_be_opened && fs::exists(status)) return FileKind::kSpecial;
  std::ifstream file(path, std::ios::binary);
  const std::uint64_t size = fs::file_size(path, trouble);
  if (!file || trouble) return FileKind::kUnreadable;
  if (size == 0) return FileKind::kEmpty;

  const std::string start = read_part(file, 0, 64);
  if (start.starts_with("PK\3\4"sv)) return classify_zip(path, file, size);
  // Protocol 2 pickle of the old format's magic number.
  if (start.starts_with("\x80\x02\x8a\x0al\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"sv)) {
    return FileKind::kLegacyPythonWeights;
  }
  if (start.starts_with("\x80"sv)) return FileKind::kPythonWeights;
  if (is_safetensors(start, size)) return FileKind::kSafetensors;
  if (start.starts_with("\x89HDF"sv)) return FileKind::kHdf5;
  if (is_picture(start)) return FileKind::kPicture;
  // ONNX is a protobuf message: field 1 (format version, a small number), then the producer's name.
  if (start.size() > 3 && start[0] == 8 && start[1] < 32 && start[2] == 18) return FileKind::kOnnx;
  return is_text(start) ? FileKind::kText : FileKind::kUnknown;
}

std::string explain_file_kind(FileKind kind, const std::string& path) {
  const std::string fetch = "make one with: scripts/fetch_model";
  const std::string convert =
      "save its weights as safetensors and convert them with: styletransfer model import";
  switch (kind) {
    case FileKind::kNetwork:
      return "";
    case FileKind::kMissing:
      return "does not exist; " + fetch;
    case FileKind::kFolder:
      return "is a folder; name the file, such as models/vgg19.pt";
    case FileKind::kUnreadable:
      return "cannot be read; check its permissions";
    case FileKind::kEmpty:
      return "is empty; " + fetch;
    case FileKind::kCutOffZip:
      return "is cut off (an incomplete copy or download); " + fetch;
    case FileKind::kSpecial:
      return "is a pipe or a device; copy it to a file first";
    case FileKind::kUnusableArchive:
      return archive_problem(path);
    case FileKind::kOtherZip:
      return "is a zip archive without a network in it; " + fetch;
    case FileKind::kForeignTorchScript:
      return "is TorchScript of another program: it does not say how its input is prepared; " +
             convert;
    case FileKind::kPythonWeights:
      return "is a Python weight file (.pth, a pickled state dict), not a network file; " + convert;
    case FileKind::kLegacyPythonWeights:
      return "is a Python weight file in the old pickle format, not a network file; " + convert;
    case FileKind::kSafetensors:
      return "is a safetensors file; convert it with: styletransfer model import " + path;
    case FileKind::kOnnx:
      return "is an ONNX model; " + convert;
    case FileKind::kHdf5:
      return "is an HDF5 (Keras) weight file; " + convert;
    case FileKind::kPicture:
      return "is a picture, not a network file; " + fetch;
    case FileKind::kText:
      return "is text (perhaps a failed download), not a network file; " + fetch;
    case FileKind::kUnknown:
      return "is not a network file; " + fetch;
  }
  return "is not a network file; " + fetch;
}

}  // namespace styletransfer::detail
