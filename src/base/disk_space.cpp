#include "base/disk_space.h"

#include <sys/statvfs.h>

namespace styletransfer {

std::optional<std::uint64_t> free_disk_bytes(const std::string& folder) {
  struct statvfs status {};
  if (statvfs(folder.c_str(), &status) != 0 || status.f_blocks == 0) return std::nullopt;
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

}  // namespace styletransfer
