#include "base/system/disk_space.h"

#include <sys/resource.h>
#include <sys/statvfs.h>

#include "base/system/byte_count.h"

namespace styletransfer {

std::optional<std::uint64_t> free_disk_bytes(const std::string& folder) {
  struct statvfs status {};
  if (statvfs(folder.c_str(), &status) != 0 || status.f_blocks == 0) return std::nullopt;
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

std::optional<std::uint64_t> file_size_limit_bytes() {
  rlimit limit{};
  if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return limit.rlim_cur;
}

std::string file_size_problem(std::uint64_t bytes) {
  const std::optional<std::uint64_t> limit = file_size_limit_bytes();
  if (!limit || bytes <= *limit) return "";
  const auto text = [](std::uint64_t count) {
    return detail::memory_text(static_cast<std::int64_t>(count));
  };
  return "needs up to " + text(bytes) + " and the system allows " + text(*limit) +
         " a file; raise `ulimit -f`";
}

}  // namespace styletransfer
