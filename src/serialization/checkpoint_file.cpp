#include "serialization/checkpoint_file.h"

#include <algorithm>
#include <fstream>
#include <vector>

#include "base/sha256.h"
#include "serialization/safetensors.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

constexpr const char* kChecksum = "seal";
constexpr const char* kText = "text";
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;
constexpr std::uint64_t kChunkBytes = 8 << 20;

[[noreturn]] void refuse(const std::string& path, const std::string& reason) {
  throw UsageError("'" + path + "' " + reason);
}

/// Compares the last bytes of the file with the SHA-256 of those before them.
bool checksum_is_right(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size = static_cast<std::uint64_t>(file.tellg());
  if (!file || size < Sha256::kBytes) return false;
  file.seekg(0);
  Sha256 hash;
  std::vector<char> chunk(kChunkBytes);
  for (std::uint64_t left = size - Sha256::kBytes; left > 0;) {
    const auto count = std::min<std::uint64_t>(left, kChunkBytes);
    if (!file.read(chunk.data(), static_cast<std::streamsize>(count))) return false;
    hash.add(chunk.data(), count);
    left -= count;
  }
  Sha256::Digest stored{};
  return file.read(reinterpret_cast<char*>(stored.data()), Sha256::kBytes) &&
         stored == hash.finish();
}

}  // namespace

void write_checkpoint_file(const CheckpointContents& contents, const std::string& path) {
  write_safetensors(contents.tensors, {{kText, contents.text}}, kChecksum, path);
}

CheckpointContents read_checkpoint_file(const std::string& path) {
  try {
    SafetensorsReader reader(path, kMaxHeaderBytes);
    const auto text = reader.metadata().find(kText);
    const std::vector<std::string> names = reader.names();
    if (text == reader.metadata().end() ||
        std::find(names.begin(), names.end(), kChecksum) == names.end()) {
      refuse(path, "is not a state file");
    }
    // Before any tensor is used; the file's pages are then in memory for the reader.
    if (!checksum_is_right(path)) {
      refuse(path, "is damaged: its contents do not match its SHA-256");
    }
    CheckpointContents contents;
    contents.text = text->second;
    for (const std::string& name : names) {
      if (name != kChecksum) contents.tensors.emplace(name, reader.read(name));
    }
    return contents;
  } catch (const SafetensorsError& error) {
    refuse(path, std::string("is no complete state file: ") + error.what());
  }
}

}  // namespace styletransfer::detail
