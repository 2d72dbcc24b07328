// Room on the disk that is kept for a run's result.
#pragma once

#include <cstdint>
#include <string>

namespace styletransfer::cli {

/// What is written while the run goes on, snapshots and states, must leave it.
class DiskReserve {
 public:
  /// result_bytes: an upper bound of the result's file.
  DiskReserve(const std::string& result_path, std::uint64_t result_bytes);

  /// Whether a file of so many bytes at `path` leaves the result its room. True on another file
  /// system than the result's, and where the file system does not say what is free.
  [[nodiscard]] bool leaves_room(const std::string& path, std::uint64_t file_bytes) const;

  /// "too little room on the disk: 12 MB are kept for the result".
  [[nodiscard]] std::string refusal() const;

 private:
  std::string folder_;
  std::uint64_t result_bytes_;
};

}  // namespace styletransfer::cli
