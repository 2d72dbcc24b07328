// The bytes of a file, mapped for reading.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/shown_path.h"

namespace styletransfer {

/// A regular file's bytes; nothing is copied. Throws UsageError from the constructor: missing,
/// a directory, a pipe or device, empty, not readable.
class FileView {
 public:
  explicit FileView(const std::string& path);
  FileView(const FileView&) = delete;
  FileView& operator=(const FileView&) = delete;
  ~FileView();

  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return {data_, size_}; }

 private:
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace styletransfer
