// A fake /proc and /sys below a temporary folder.
#pragma once

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

namespace styletransfer {

class FakeSystem {
 public:
  FakeSystem() {
    const auto name = "styletransfer_system_" + std::to_string(std::random_device()());
    root_ = std::filesystem::temp_directory_path() / name;
    write("proc/self/stat", "4711 (styletransfer) R 1");
    write("proc/meminfo", "MemTotal: 8000000 kB\nMemFree: 100 kB\nMemAvailable: 4000000 kB\n");
  }
  ~FakeSystem() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  FakeSystem(const FakeSystem&) = delete;
  FakeSystem& operator=(const FakeSystem&) = delete;

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] std::string path(const std::string& name) const { return (root_ / name).string(); }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }

  /// Writes /proc/self/cgroup.
  void own_group(const std::string& lines) const { write("proc/self/cgroup", lines); }

  /// Mounts the unified hierarchy; `hierarchy_path` is the mounted part of it.
  void mount_v2(const std::string& mount_point = "/sys/fs/cgroup",
                const std::string& hierarchy_path = "/") {
    mounts_ += "41 31 0:38 " + hierarchy_path + " " + mount_point +
               " rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
    write("proc/self/mountinfo", mounts_);
  }

  /// Mounts a v1 hierarchy of these controllers ("cpu,cpuacct").
  void mount_v1(const std::string& controllers, const std::string& mount_point,
                const std::string& hierarchy_path = "/") {
    mounts_ += "35 31 0:32 " + hierarchy_path + " " + mount_point +
               " rw,relatime shared:9 master:2 - cgroup cgroup rw," + controllers + "\n";
    write("proc/self/mountinfo", mounts_);
  }

 private:
  std::filesystem::path root_;
  std::string mounts_ = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n";
};

}  // namespace styletransfer
