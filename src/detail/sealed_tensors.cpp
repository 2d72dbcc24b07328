#include "detail/sealed_tensors.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/atomic_file.h"
#include "detail/sha256.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSeal = "seal";
constexpr const char* kText = "text";
// Keeps a corrupt length from asking for terabytes.
constexpr std::uint64_t kLargestHeaderBytes = 100'000'000;
// What is hashed, written or copied from a device at a time.
constexpr std::int64_t kPieceBytes = 8 << 20;

struct TypeName {
  const char* name;
  at::ScalarType type;
};
constexpr std::array kTypes{TypeName{"F32", at::kFloat}, TypeName{"F64", at::kDouble},
                            TypeName{"BF16", at::kBFloat16}, TypeName{"I64", at::kLong}};

std::uint64_t bytes_of(const at::Tensor& tensor) {
  return static_cast<std::uint64_t>(tensor.numel()) * tensor.element_size();
}

std::string name_of(at::ScalarType type) {
  for (const TypeName& known : kTypes) {
    if (known.type == type) return known.name;
  }
  throw RunError("a tensor of a run's state has a type that is not kept in files");
}

std::optional<at::ScalarType> type_of(const std::string& name) {
  for (const TypeName& known : kTypes) {
    if (name == known.name) return known.type;
  }
  return std::nullopt;
}

std::string header_of(const SealedTensors& contents) {
  Json header;
  header["__metadata__"] = {{kText, contents.text}};
  std::uint64_t end = 0;
  const auto add = [&](const std::string& name, const std::string& type,
                       const std::vector<std::int64_t>& shape, std::uint64_t bytes) {
    header[name] = {{"dtype", type}, {"shape", shape}, {"data_offsets", {end, end + bytes}}};
    end += bytes;
  };
  for (const auto& [name, tensor] : contents.tensors) {
    add(name, name_of(tensor.scalar_type()), tensor.sizes().vec(), bytes_of(tensor));
  }
  add(kSeal, "U8", {Sha256::kBytes}, Sha256::kBytes);
  std::string text = header.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

std::array<unsigned char, 8> little_endian(std::uint64_t value) {
  std::array<unsigned char, 8> bytes{};
  for (unsigned char& byte : bytes) {
    byte = static_cast<unsigned char>(value & 255U);
    value >>= 8U;
  }
  return bytes;
}

/// Writes and hashes.
class Writer {
 public:
  explicit Writer(const std::string& path) : file_(path) {}

  void write(const void* bytes, std::size_t count) {
    hash_.add(bytes, count);
    put(bytes, count);
  }

  void write(const at::Tensor& tensor) {
    const at::Tensor flat = tensor.contiguous().view({-1});
    const std::int64_t piece = kPieceBytes / static_cast<std::int64_t>(flat.element_size());
    for (std::int64_t first = 0; first < flat.numel(); first += piece) {
      const at::Tensor part =
          flat.narrow(0, first, std::min(piece, flat.numel() - first)).to(at::kCPU);
      write(part.const_data_ptr(), bytes_of(part));
    }
  }

  void seal_and_commit() {
    const Sha256::Digest digest = hash_.finish();
    put(digest.data(), digest.size());
    file_.commit(/*replace=*/true);
  }

 private:
  void put(const void* bytes, std::size_t count) {
    errno = 0;
    if (std::fwrite(bytes, 1, count, file_.stream()) != count) file_.fail(errno);
  }

  AtomicFile file_;
  Sha256 hash_;
};

/// Reads from the front to the end, and hashes.
class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {
    std::error_code problem;
    const std::filesystem::file_status status = std::filesystem::status(path, problem);
    // Opening a pipe would wait for whoever writes into it.
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
      throw UsageError("'" + path + "' is no file");
    }
    file_.open(path, std::ios::binary);
    if (!file_ || !file_.seekg(0, std::ios::end) || file_.tellg() < 0) {
      throw UsageError("'" + path + "' cannot be read");
    }
    left_ = static_cast<std::uint64_t>(file_.tellg());
    file_.seekg(0);
  }

  [[nodiscard]] std::uint64_t left() const { return left_; }

  void read(void* to, std::uint64_t count) {
    if (count > left_) refuse("is cut off");
    auto* bytes = static_cast<char*>(to);
    for (std::uint64_t done = 0; done < count;) {
      const auto piece = std::min<std::uint64_t>(count - done, kPieceBytes);
      if (!file_.read(bytes + done, static_cast<std::streamsize>(piece))) refuse("cannot be read");
      hash_.add(bytes + done, piece);
      done += piece;
    }
    left_ -= count;
  }

  void check_seal() {
    const Sha256::Digest wanted = hash_.finish();
    Sha256::Digest found{};
    if (left_ != found.size() ||
        !file_.read(reinterpret_cast<char*>(found.data()), Sha256::kBytes) || found != wanted) {
      refuse("is damaged: its contents do not match its SHA-256");
    }
  }

  [[noreturn]] void refuse(const std::string& trouble) const {
    throw UsageError("'" + path_ + "' " + trouble);
  }

 private:
  std::string path_;
  std::ifstream file_;
  std::uint64_t left_ = 0;
  Sha256 hash_;
};

at::Tensor read_tensor(const Json& entry, Reader& reader) {
  const auto type = type_of(entry.at("dtype").get<std::string>());
  if (!type) reader.refuse("holds a tensor of a type that is never written");
  const auto shape = entry.at("shape").get<std::vector<std::int64_t>>();
  std::uint64_t bytes = at::elementSize(*type);
  for (const std::int64_t extent : shape) {
    // Checked at each factor, so the product cannot overflow.
    if (extent < 0 || (extent > 0 && bytes > reader.left() / static_cast<std::uint64_t>(extent))) {
      reader.refuse("is cut off");
    }
    bytes *= static_cast<std::uint64_t>(extent);
  }
  at::Tensor tensor = at::empty(shape, at::TensorOptions(*type));
  reader.read(tensor.data_ptr(), bytes);
  return tensor;
}

}  // namespace

void write_sealed(const SealedTensors& contents, const std::string& path) {
  const std::string header = header_of(contents);
  Writer writer(path);
  const auto length = little_endian(header.size());
  writer.write(length.data(), length.size());
  writer.write(header.data(), header.size());
  for (const auto& [name, tensor] : contents.tensors) writer.write(tensor);
  writer.seal_and_commit();
}

SealedTensors read_sealed(const std::string& path) {
  Reader reader(path);
  std::array<unsigned char, 8> start{};
  reader.read(start.data(), start.size());
  std::uint64_t length = 0;
  for (auto byte = start.rbegin(); byte != start.rend(); ++byte) length = length << 8U | *byte;
  if (length > kLargestHeaderBytes) reader.refuse("is not a state file");
  std::string text(length, '\0');
  reader.read(text.data(), length);
  SealedTensors contents;
  try {
    const Json header = Json::parse(text);
    contents.text = header.at("__metadata__").at(kText).get<std::string>();
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__" || name == kSeal) continue;
      contents.tensors.emplace(name, read_tensor(entry, reader));
    }
  } catch (const Json::exception&) {
    reader.refuse("is damaged or not a state file");
  }
  reader.check_seal();
  return contents;
}

}  // namespace styletransfer::detail
