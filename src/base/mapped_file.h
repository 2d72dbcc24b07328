// A file mapped into memory for reading, and why files cannot be opened.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/shown_path.h"

namespace styletransfer {

/// Returns why an existing file cannot be opened for reading, and the remedy: "too many files are
/// open; raise `ulimit -n`". `error` is errno.
[[nodiscard]] std::string open_error_text(int error);

/// Maps a regular file; nothing is copied. The constructor throws UsageError if the file is
/// missing, a directory, a pipe or device, empty, or not readable, and RunError if memory is too
/// small.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return {data_, size_}; }

 private:
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace styletransfer
