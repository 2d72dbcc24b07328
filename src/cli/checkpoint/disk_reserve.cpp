#include "cli/checkpoint/disk_reserve.h"

#include <sys/stat.h>

#include "base/atomic_file.h"
#include "base/system/disk_space.h"

namespace styletransfer::cli {
namespace {

bool on_one_file_system(const std::string& a, const std::string& b) {
  struct stat status_a {};
  struct stat status_b {};
  return stat(a.c_str(), &status_a) == 0 && stat(b.c_str(), &status_b) == 0 &&
         status_a.st_dev == status_b.st_dev;
}

}  // namespace

DiskReserve::DiskReserve(const std::string& result_path, std::uint64_t result_bytes)
    : folder_(folder_of(link_target(result_path))), result_bytes_(result_bytes) {}

bool DiskReserve::leaves_room(const std::string& path, std::uint64_t file_bytes) const {
  if (!on_one_file_system(folder_of(path), folder_)) return true;
  const auto free_bytes = free_disk_bytes(folder_);
  return !free_bytes || *free_bytes >= file_bytes + result_bytes_;
}

std::string DiskReserve::problem(const std::string& path, std::uint64_t file_bytes) const {
  if (const std::string limit = file_size_problem(file_bytes); !limit.empty()) return "it " + limit;
  if (leaves_room(path, file_bytes)) return "";
  constexpr std::uint64_t kMegabyte = 1 << 20;
  return "too little disk space: " + std::to_string((result_bytes_ + kMegabyte - 1) / kMegabyte) +
         " MB are reserved for the result; free some space";
}

}  // namespace styletransfer::cli
