#include "serialization/safetensors.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/mapped_file.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kLengthBytes = 8;
// Bytes that are hashed, written or copied from a device at a time.
constexpr std::int64_t kChunkBytes = 8 << 20;

struct TypeName {
  const char* name;
  at::ScalarType type;
};
constexpr std::array kTypes{TypeName{"F64", at::kDouble}, TypeName{"F32", at::kFloat},
                            TypeName{"F16", at::kHalf},   TypeName{"BF16", at::kBFloat16},
                            TypeName{"I64", at::kLong},   TypeName{"U8", at::kByte}};

const TypeName* find_type(const std::string& name) {
  const auto* found = std::find_if(kTypes.begin(), kTypes.end(),
                                   [&](const TypeName& known) { return name == known.name; });
  return found == kTypes.end() ? nullptr : found;
}

std::string name_of(at::ScalarType type) {
  for (const TypeName& known : kTypes) {
    if (known.type == type) return known.name;
  }
  throw RunError("a tensor has a dtype that is not stored in files");
}

std::uint64_t bytes_of(const at::Tensor& tensor) {
  return static_cast<std::uint64_t>(tensor.numel()) * tensor.element_size();
}

std::uint64_t from_little_endian(const std::array<unsigned char, kLengthBytes>& bytes) {
  std::uint64_t value = 0;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) value = value << 8U | *byte;
  return value;
}

std::array<unsigned char, kLengthBytes> little_endian(std::uint64_t value) {
  std::array<unsigned char, kLengthBytes> bytes{};
  for (unsigned char& byte : bytes) {
    byte = static_cast<unsigned char>(value & 255U);
    value >>= 8U;
  }
  return bytes;
}

/// Writes to an AtomicFile and hashes what it writes.
class HashingWriter {
 public:
  explicit HashingWriter(const std::string& path) : file_(path) {}

  void write(const void* bytes, std::size_t count) {
    hash_.add(bytes, count);
    put(bytes, count);
  }

  void write(const at::Tensor& tensor) {
    const at::Tensor flat = tensor.contiguous().view({-1});
    const std::int64_t chunk = kChunkBytes / static_cast<std::int64_t>(flat.element_size());
    for (std::int64_t first = 0; first < flat.numel(); first += chunk) {
      const at::Tensor part =
          flat.narrow(0, first, std::min(chunk, flat.numel() - first)).to(at::kCPU);
      write(part.const_data_ptr(), bytes_of(part));
    }
  }

  void write_checksum() {
    const Sha256::Digest digest = hash_.finish();
    put(digest.data(), digest.size());
  }

  void commit() { file_.commit(/*replace=*/true); }

 private:
  void put(const void* bytes, std::size_t count) {
    errno = 0;
    if (std::fwrite(bytes, 1, count, file_.stream()) != count) file_.fail(errno);
  }

  AtomicFile file_;
  Sha256 hash_;
};

}  // namespace

SafetensorsReader::SafetensorsReader(const std::string& path, std::uint64_t max_header_bytes)
    : path_(path) {
  std::error_code problem;
  const fs::file_status status = fs::status(path, problem);
  // Opening a pipe would wait for its writer.
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw UsageError("'" + path + "' is a folder, a pipe or a device; name a safetensors file");
  }
  errno = 0;
  file_.open(path, std::ios::binary);
  if (!file_) throw UsageError("'" + path + "' cannot be read: " + open_error_text(errno));
  if (!file_.seekg(0, std::ios::end) || file_.tellg() < 0) {
    throw UsageError("'" + path + "' cannot be read");
  }
  size_ = static_cast<std::uint64_t>(file_.tellg());
  if (size_ < kLengthBytes + 2) {
    throw SafetensorsError("it holds " + std::to_string(size_) + " bytes");
  }
  std::array<unsigned char, kLengthBytes> length{};
  read_bytes(0, length.data(), length.size());
  const std::uint64_t header_bytes = from_little_endian(length);
  char first = 0;
  read_bytes(kLengthBytes, &first, 1);
  // Another format's first bytes make an absurd length: say what is certain.
  if (first != '{') throw SafetensorsError("it has no JSON header");
  if (header_bytes > max_header_bytes) throw SafetensorsError("its header is too large");
  if (kLengthBytes + header_bytes > size_) throw SafetensorsError("its header is cut off");
  const std::uint64_t data_start = kLengthBytes + header_bytes;
  start_.resize(data_start);
  read_bytes(0, start_.data(), data_start);
  try {
    const Json header = Json::parse(start_.begin() + kLengthBytes, start_.end());
    for (const auto& [name, json] : header.items()) {
      if (name == "__metadata__") {
        metadata_ = json.get<std::map<std::string, std::string>>();
        continue;
      }
      const auto span = json.at("data_offsets").get<std::array<std::uint64_t, 2>>();
      if (span[0] > span[1] || span[1] > size_ - data_start) {
        throw SafetensorsError("tensor " + name + " lies beyond its end, it seems cut off");
      }
      entries_[name] = {json.at("dtype").get<std::string>(),
                        json.at("shape").get<std::vector<std::int64_t>>(), data_start + span[0],
                        data_start + span[1]};
      check_entry(name, entries_[name]);
    }
  } catch (const Json::exception&) {
    throw SafetensorsError("its JSON header is malformed");
  }
  check_overlaps();
}

void SafetensorsReader::read_bytes(std::uint64_t offset, void* to, std::uint64_t count) {
  file_.seekg(static_cast<std::streamoff>(offset));
  if (!file_.read(static_cast<char*>(to), static_cast<std::streamsize>(count))) {
    throw SafetensorsError("it is cut off");
  }
}

void SafetensorsReader::check_entry(const std::string& name, const Entry& entry) const {
  const TypeName* type = find_type(entry.type);
  // A tensor of an unknown dtype may lie beside those that are read.
  if (type == nullptr) return;
  std::uint64_t bytes = at::elementSize(type->type);
  for (const std::int64_t extent : entry.shape) {
    // Checked at each factor, so the product cannot overflow.
    if (extent < 0 || (extent > 0 && bytes > size_ / static_cast<std::uint64_t>(extent))) {
      throw SafetensorsError("tensor " + name + " has an impossible shape");
    }
    bytes *= static_cast<std::uint64_t>(extent);
  }
  if (entry.end - entry.begin != bytes) {
    throw SafetensorsError("the data of tensor " + name + " do not fit its shape");
  }
}

/// Bytes that two tensors share belong to neither.
void SafetensorsReader::check_overlaps() const {
  std::uint64_t end = 0;
  std::string before;
  for (const std::string& name : names()) {
    const Entry& entry = entries_.at(name);
    if (entry.begin == entry.end) continue;
    if (entry.begin < end) {
      throw SafetensorsError("the tensors " + before + " and " + name + " overlap");
    }
    end = entry.end;
    before = name;
  }
}

std::vector<std::string> SafetensorsReader::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  std::sort(names.begin(), names.end(), [&](const auto& a, const auto& b) {
    const Entry& first = entries_.at(a);
    const Entry& second = entries_.at(b);
    return first.begin != second.begin ? first.begin < second.begin : first.end < second.end;
  });
  return names;
}

const std::string& SafetensorsReader::type_name(const std::string& name) const {
  return entries_.at(name).type;
}

at::Tensor SafetensorsReader::read(const std::string& name) {
  const Entry& entry = entries_.at(name);
  const TypeName* type = find_type(entry.type);
  if (type == nullptr) {
    throw SafetensorsError("tensor " + name + " has type " + entry.type + ", which is not read");
  }
  at::Tensor tensor = at::empty(entry.shape, at::TensorOptions(type->type));
  if (entry.end > entry.begin) {
    read_bytes(entry.begin, tensor.data_ptr(), entry.end - entry.begin);
  }
  return tensor;
}

void write_safetensors(const std::map<std::string, at::Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata,
                       const std::string& checksum_name, const std::string& path) {
  Json header;
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t end = 0;
  const auto add = [&](const std::string& name, const std::string& type,
                       const std::vector<std::int64_t>& shape, std::uint64_t bytes) {
    header[name] = {{"dtype", type}, {"shape", shape}, {"data_offsets", {end, end + bytes}}};
    end += bytes;
  };
  for (const auto& [name, tensor] : tensors) {
    add(name, name_of(tensor.scalar_type()), tensor.sizes().vec(), bytes_of(tensor));
  }
  if (!checksum_name.empty()) add(checksum_name, "U8", {Sha256::kBytes}, Sha256::kBytes);
  std::string text = header.dump(-1, ' ', false, Json::error_handler_t::replace);
  // The format wants the data aligned to 8 bytes.
  text.append((8 - text.size() % 8) % 8, ' ');

  HashingWriter writer(path);
  const auto length = little_endian(text.size());
  writer.write(length.data(), length.size());
  writer.write(text.data(), text.size());
  for (const auto& [name, tensor] : tensors) writer.write(tensor);
  if (!checksum_name.empty()) writer.write_checksum();
  writer.commit();
}

}  // namespace styletransfer::detail
