// The safetensors format: 8 bytes of header length, a JSON header, raw tensor data.
// Source: https://github.com/huggingface/safetensors, section "Format".
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "base/sha256.h"

namespace styletransfer::detail {

/// A file that is not valid safetensors. what() continues a sentence: "it is cut off".
class SafetensorsError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads a file's tensors one by one.
class SafetensorsReader {
 public:
  /// Reads and checks the header: every tensor lies inside the file, fits its shape, and overlaps
  /// no other. Throws SafetensorsError; UsageError, naming the path, if the file cannot be opened
  /// or is a folder, pipe or device.
  /// max_header_bytes: larger headers are refused, so that a corrupt length does not cause a huge
  /// allocation (parsing takes about 20 times the size).
  SafetensorsReader(const std::string& path, std::uint64_t max_header_bytes);

  [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return metadata_; }
  /// In the order of the data.
  [[nodiscard]] std::vector<std::string> names() const;
  /// The bytes before the data: the length and the header.
  [[nodiscard]] const std::string& start() const { return start_; }
  /// Whether the file ends where this tensor's data do.
  [[nodiscard]] bool ends_with(const std::string& name) const {
    return entries_.at(name).end == size_;
  }
  /// "F32", "BF16", ...
  [[nodiscard]] const std::string& type_name(const std::string& name) const;
  /// Returns a tensor on the CPU in the file's dtype: F64, F32, F16, BF16, I64 or U8. Throws
  /// SafetensorsError for other dtypes.
  [[nodiscard]] at::Tensor read(const std::string& name);

 private:
  struct Entry {
    std::string type;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0;  // offset in the file
    std::uint64_t end = 0;
  };

  void read_bytes(std::uint64_t offset, void* to, std::uint64_t count);
  void check_entry(const std::string& name, const Entry& entry) const;
  void check_overlaps() const;

  std::string path_;
  std::ifstream file_;
  std::uint64_t size_ = 0;
  std::string start_;
  std::map<std::string, std::string> metadata_;
  std::map<std::string, Entry> entries_;
};

/// Writes a file atomically (to a temporary file that is then renamed), a few megabytes at a time.
/// The tensors may be on any device.
/// checksum_name: if not empty, a last tensor of this name holds the SHA-256 of all bytes before
/// it. Throws RunError if writing fails.
void write_safetensors(const std::map<std::string, at::Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata,
                       const std::string& checksum_name, const std::string& path);

}  // namespace styletransfer::detail
