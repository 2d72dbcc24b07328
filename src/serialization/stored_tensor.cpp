#include "serialization/stored_tensor.h"

#include <ATen/ATen.h>
#include <caffe2/serialize/inline_container.h>
#include <caffe2/serialize/read_adapter_interface.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>

namespace styletransfer::detail {
namespace {

/// No limit for a record: TorchScriptArchive has checked that it is not larger than the file.
constexpr std::uint64_t kAnySize = std::numeric_limits<std::uint64_t>::max();

/// Read access to an archive in memory, for LibTorch.
class MemoryFile : public caffe2::serialize::ReadAdapterInterface {
 public:
  explicit MemoryFile(std::string bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] std::size_t size() const override { return bytes_.size(); }
  std::size_t read(std::uint64_t position, void* to, std::size_t count,
                   const char* /*what*/) const override {
    if (position >= bytes_.size()) return 0;
    const std::size_t given = std::min<std::size_t>(count, bytes_.size() - position);
    std::memcpy(to, bytes_.data() + position, given);
    return given;
  }

 private:
  std::string bytes_;
};

/// True for records that LibTorch's loader reads.
bool is_needed(const std::string& name) {
  for (const char* known : {"data.pkl", "constants.pkl", "version", ".data/version", "byteorder"}) {
    if (name == known) return true;
  }
  return name.starts_with("data/") || name.starts_with("constants/") ||
         (name.starts_with("code/") && name.ends_with(".py"));
}

}  // namespace

at::Tensor read_tensor(const TorchScriptArchive& archive, const StoredTensor& stored) {
  const auto element = static_cast<std::int64_t>(at::elementSize(stored.type));
  const std::uint64_t bytes = archive.size(stored.record);
  const at::Tensor record =
      at::empty({static_cast<std::int64_t>(bytes) / element}, at::TensorOptions(stored.type));
  archive.read_into(stored.record, record.data_ptr(), bytes);
  return record.as_strided(stored.sizes, stored.strides, stored.offset).contiguous();
}

torch::jit::Module load_module(const TorchScriptArchive& archive, c10::Device device) {
  std::string bytes;
  {
    caffe2::serialize::PyTorchStreamWriter writer(
        [&](const void* part, std::size_t count) {
          bytes.append(static_cast<const char*>(part), count);
          return count;
        },
        /*compute_crc32=*/false);
    for (const std::string& name : archive.names()) {
      if (!is_needed(name)) continue;
      const std::string record = archive.read(name, kAnySize);
      writer.writeRecord(name, record.data(), record.size());
    }
    writer.writeEndOfFile();
  }
  return torch::jit::load(std::make_shared<MemoryFile>(std::move(bytes)), device,
                          /*load_debug_files=*/false);
}

torch::jit::Module load_trusted_module(const TorchScriptArchive& archive, const std::string& path,
                                       c10::Device device) {
  for (const std::string& name : archive.names()) static_cast<void>(archive.read(name, kAnySize));
  return torch::jit::load(path, device, /*load_debug_files=*/false);
}

}  // namespace styletransfer::detail
