#include "serialization/checkpoint_file.h"

#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "base/sha256.h"
#include "serialization/safetensors.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

constexpr const char* kChecksum = "seal";
constexpr const char* kText = "text";
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;

[[noreturn]] void refuse(const std::string& path, const std::string& reason) {
  throw UsageError("'" + path + "' " + reason);
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
    if (text == reader.metadata().end() || names.empty() || names.back() != kChecksum) {
      refuse(path, "is not a state file");
    }
    CheckpointContents contents;
    contents.text = text->second;
    // The tensors lie one after another, so hashing what is read hashes the file.
    Sha256 hash;
    hash.add(reader.start().data(), reader.start().size());
    at::Tensor checksum;
    for (const std::string& name : names) {
      at::Tensor tensor = reader.read(name);
      if (name == kChecksum) {
        checksum = std::move(tensor);
        continue;
      }
      hash.add(tensor.const_data_ptr(), tensor.nbytes());
      contents.tensors.emplace(name, std::move(tensor));
    }
    const Sha256::Digest digest = hash.finish();
    if (!reader.ends_with(kChecksum) || checksum.nbytes() != digest.size() ||
        std::memcmp(checksum.const_data_ptr(), digest.data(), digest.size()) != 0) {
      refuse(path, "is damaged: its contents do not match its SHA-256");
    }
    return contents;
  } catch (const SafetensorsError& error) {
    refuse(path, std::string("is no complete state file: ") + error.what());
  }
}

}  // namespace styletransfer::detail
