// The image files of a command: each is opened once, from the check of its header to its pixels and
// its hash.
#pragma once

#include <future>
#include <map>
#include <mutex>
#include <string>

#include "styletransfer/image_io.h"

namespace styletransfer::cli {

/// Thread-safe. Errors name `flag`, unless it is empty.
class InputFiles {
 public:
  /// `keeps_hashes`: compute the hash of every image that is read, while it is open.
  explicit InputFiles(bool keeps_hashes = true) : keeps_hashes_(keeps_hashes) {}

  /// Reads the header; the file stays open until it is read. Throws UsageError.
  ImageFileInfo inspect(const std::string& flag, const std::string& path);
  /// Decodes the image (read_image), logs its warnings, and closes the file. Throws UsageError.
  [[nodiscard]] LoadedImage read(const std::string& flag, const std::string& path,
                                 int wanted_long_edge_px = 0);
  /// Closes a file that was inspected but not read.
  void close(const std::string& path);

  /// SHA-256 of a file, computed once. Throws UsageError.
  [[nodiscard]] const std::string& hash_of(const std::string& path);
  /// Begins to compute the hash on another thread.
  void start_hashing(const std::string& path);

 private:
  using Hash = std::shared_future<std::string>;

  [[nodiscard]] Hash hashing(const std::string& path, std::launch policy);

  bool keeps_hashes_;
  std::mutex mutex_;
  std::map<std::string, ImageFile> open_;
  std::map<std::string, Hash> hashes_;
};

}  // namespace styletransfer::cli
