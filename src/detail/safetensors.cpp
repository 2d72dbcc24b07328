#include "detail/safetensors.h"

#include <ATen/Functions.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using Span = std::array<std::uint64_t, 2>;

// Keeps a corrupt length from asking for terabytes, and a crafted header, which takes some twenty
// times its size in memory, from much. VGG-19's has 3 KB.
constexpr std::uint64_t kLargestHeaderBytes = 10'000'000;

[[noreturn]] void refuse(const std::string& path, const std::string& trouble) {
  throw UsageError("'" + path + "' is not a usable safetensors file: " + trouble +
                   "; fetch it again (scripts/fetch_model)");
}

/// An open file, positioned by the caller; every read is checked.
class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {
    std::error_code problem;
    const fs::file_status status = fs::status(path, problem);
    // Opening a pipe would wait for whoever writes into it.
    if (fs::exists(status) && !fs::is_regular_file(status)) {
      throw UsageError("the weights '" + path +
                       "' are a folder, a pipe or a device; name a safetensors file");
    }
    file_.open(path, std::ios::binary);
    if (!file_ || !file_.seekg(0, std::ios::end) || file_.tellg() < 0) {
      throw UsageError("cannot read the weights '" + path + "'; check the path and permissions");
    }
    size_ = static_cast<std::uint64_t>(file_.tellg());
  }

  [[nodiscard]] std::uint64_t size() const { return size_; }

  void read(std::uint64_t offset, void* to, std::uint64_t bytes) {
    file_.seekg(static_cast<std::streamoff>(offset));
    if (!file_.read(static_cast<char*>(to), static_cast<std::streamsize>(bytes))) {
      refuse(path_, "it is cut off");
    }
  }

 private:
  std::string path_;
  std::ifstream file_;
  std::uint64_t size_ = 0;
};

/// The JSON header's length in bytes.
std::uint64_t read_header_length(const std::string& path, Reader& reader) {
  std::array<unsigned char, 9> start{};
  if (reader.size() < 10) refuse(path, "it holds " + std::to_string(reader.size()) + " bytes");
  reader.read(0, start.data(), start.size());
  std::uint64_t length = 0;
  for (int i = 7; i >= 0; --i) length = length << 8U | start.at(i);
  if (length > kLargestHeaderBytes) refuse(path, "its header is larger than any network needs");
  if (start[8] != '{') refuse(path, "it has no JSON header");
  if (8 + length > reader.size()) refuse(path, "its header is cut off");
  return length;
}

std::optional<at::ScalarType> scalar_type(const std::string& name) {
  if (name == "F32") return at::kFloat;
  if (name == "F16") return at::kHalf;
  if (name == "BF16") return at::kBFloat16;
  return std::nullopt;
}

/// One tensor; `data_start` is the file offset of the data section.
at::Tensor read_tensor(const std::string& path, const std::string& name, const Json& entry,
                       Reader& reader, std::uint64_t data_start) {
  const auto type_name = entry.at("dtype").get<std::string>();
  const auto type = scalar_type(type_name);
  if (!type) {
    refuse(path, "tensor " + name + " has type " + type_name + ", wanted F32, F16 or BF16");
  }
  const auto shape = entry.at("shape").get<std::vector<std::int64_t>>();
  const auto span = entry.at("data_offsets").get<Span>();
  const std::uint64_t data_bytes = reader.size() - data_start;
  if (span[0] > span[1] || span[1] > data_bytes) {
    refuse(path, "tensor " + name + " lies beyond its end, it seems cut off");
  }
  std::uint64_t bytes = at::elementSize(*type);
  for (const std::int64_t extent : shape) {
    // Checked at each factor, so the product cannot overflow.
    if (extent < 1 || static_cast<std::uint64_t>(extent) > data_bytes / bytes) {
      refuse(path, "tensor " + name + " has an impossible shape");
    }
    bytes *= static_cast<std::uint64_t>(extent);
  }
  if (span[1] - span[0] != bytes) {
    refuse(path, "the data of tensor " + name + " do not fit its shape");
  }
  at::Tensor tensor = at::empty(shape, at::TensorOptions(*type));
  reader.read(data_start + span[0], tensor.data_ptr(), bytes);
  return tensor.to(at::kFloat);
}

/// Bytes that belong to two tensors are those of neither.
void check_overlaps(const std::string& path, const Json& header) {
  std::map<Span, std::string> spans;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    const auto span = entry.at("data_offsets").get<Span>();
    if (span[0] == span[1]) continue;
    const auto [known, is_new] = spans.emplace(span, name);
    if (!is_new) refuse(path, "the tensors " + known->second + " and " + name + " overlap");
  }
  std::uint64_t end = 0;
  std::string before;
  for (const auto& [span, name] : spans) {
    if (span[0] < end) refuse(path, "the tensors " + before + " and " + name + " overlap");
    end = span[1];
    before = name;
  }
}

}  // namespace

SafetensorsFile read_safetensors(const std::string& path,
                                 const std::function<bool(const std::string&)>& wanted) {
  Reader reader(path);
  const std::uint64_t header_bytes = read_header_length(path, reader);
  std::string text(header_bytes, '\0');
  reader.read(8, text.data(), header_bytes);

  SafetensorsFile file;
  try {
    const Json header = Json::parse(text);
    check_overlaps(path, header);
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        file.metadata = entry.get<std::map<std::string, std::string>>();
      } else if (wanted(name)) {
        file.tensors.emplace(name, read_tensor(path, name, entry, reader, 8 + header_bytes));
      }
    }
  } catch (const Json::exception&) {
    refuse(path, "its JSON header is malformed");
  }
  return file;
}

}  // namespace styletransfer::detail
