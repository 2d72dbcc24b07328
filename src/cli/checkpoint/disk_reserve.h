// Disk space reserved for a run's result.
#pragma once

#include <cstdint>
#include <string>

namespace styletransfer::cli {

/// Snapshots and checkpoints written during the run must leave this space free.
class DiskReserve {
 public:
  /// `result_bytes`: upper bound of the result's file size.
  DiskReserve(const std::string& result_path, std::uint64_t result_bytes);

  /// Returns why a file of `file_bytes` must not be written at `path`: "too little disk space: 12
  /// MB are reserved for the result", or a limit of the file size. "" when it leaves enough space
  /// for the result, is on another file system, or the free space is unknown.
  [[nodiscard]] std::string problem(const std::string& path, std::uint64_t file_bytes) const;

 private:
  [[nodiscard]] bool leaves_room(const std::string& path, std::uint64_t file_bytes) const;

  std::string folder_;
  std::uint64_t result_bytes_;
};

}  // namespace styletransfer::cli
