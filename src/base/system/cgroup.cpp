#include "base/system/cgroup.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

namespace styletransfer {
namespace {

namespace fs = std::filesystem;

/// A mounted part of a cgroup hierarchy.
struct Mount {
  CgroupVersion version;
  /// Path of the mounted directory inside the hierarchy.
  std::string hierarchy_path;
  fs::path mount_point;
};

/// Maps "/proc/x" to a path below another root.
fs::path below(const fs::path& root, const fs::path& path) { return root / path.relative_path(); }

bool is_listed(const std::string& list, const std::string& entry) {
  std::istringstream entries(list);
  for (std::string one; std::getline(entries, one, ',');) {
    if (one == entry) return true;
  }
  return false;
}

/// Decodes the octal escapes (\040, \012) that the kernel writes for blanks and newlines in paths.
std::string without_octal_escapes(const std::string& text) {
  const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) && is_octal(text[i + 2]) &&
        is_octal(text[i + 3])) {
      plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                 (text[i + 3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

/// Parses a line of mountinfo: "31 23 0:28 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup
/// cgroup rw,memory".
std::optional<Mount> cgroup_mount(const std::string& line, const std::string& controller) {
  std::istringstream fields(line);
  std::string skipped;
  std::string hierarchy_path;
  std::string mount_point;
  if (!(fields >> skipped >> skipped >> skipped >> hierarchy_path >> mount_point)) return {};
  while (fields >> skipped && skipped != "-") {
  }
  std::string type;
  std::string source;
  std::string options;
  if (!(fields >> type >> source >> options)) return {};
  const bool is_v2 = type == "cgroup2";
  if (!is_v2 && (type != "cgroup" || !is_listed(options, controller))) return {};
  return Mount{is_v2 ? CgroupVersion::kV2 : CgroupVersion::kV1,
               without_octal_escapes(hierarchy_path), without_octal_escapes(mount_point)};
}

/// Default mount points of distributions; used when mountinfo is unreadable, and for a hierarchy
/// that is not a cgroup file system itself.
std::vector<Mount> usual_mounts(const std::string& controller) {
  return {{CgroupVersion::kV2, "/", "/sys/fs/cgroup"},
          {CgroupVersion::kV1, "/", "/sys/fs/cgroup/" + controller}};
}

std::vector<Mount> cgroup_mounts(const std::string& controller, const fs::path& root) {
  std::vector<Mount> mounts;
  std::ifstream file(below(root, "/proc/self/mountinfo"));
  for (std::string line; std::getline(file, line);) {
    if (auto mount = cgroup_mount(line, controller)) mounts.push_back(std::move(*mount));
  }
  for (Mount& usual : usual_mounts(controller)) {
    const bool is_known = std::any_of(mounts.begin(), mounts.end(), [&](const Mount& mount) {
      return mount.version == usual.version && mount.mount_point == usual.mount_point;
    });
    if (!is_known) mounts.push_back(std::move(usual));
  }
  return mounts;
}

/// Path of this process's group in a hierarchy; nullopt if it is not in it.
std::optional<std::string> own_path(CgroupVersion version, const std::string& controller,
                                    const fs::path& root) {
  std::ifstream file(below(root, "/proc/self/cgroup"));
  for (std::string line; std::getline(file, line);) {
    // "4:memory:/job_7", "0::/job_7"; the path may contain colons.
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool is_wanted = version == CgroupVersion::kV2
                               ? line.substr(0, first) == "0" && controllers.empty()
                               : is_listed(controllers, controller);
    if (is_wanted) return line.substr(second + 1);
  }
  if (version == CgroupVersion::kV2) return "/";
  return {};
}

std::vector<std::string> components(const std::string& path) {
  std::vector<std::string> parts;
  std::istringstream text(path);
  for (std::string part; std::getline(text, part, '/');) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

fs::path joined(fs::path path, std::vector<std::string>::const_iterator first,
                std::vector<std::string>::const_iterator last) {
  for (; first != last; ++first) path /= *first;
  return path;
}

bool holds_process(const fs::path& directory, const std::string& process) {
  std::ifstream file(directory / "cgroup.procs");
  for (std::string line; std::getline(file, line);) {
    if (line == process) return true;
  }
  return false;
}

/// Returns the directory `depth` levels below `top` whose subdirectory `rest` lists the process;
/// empty if there is none.
fs::path directory_of_process(const fs::path& top, int depth, const fs::path& rest,
                              const std::string& process) {
  if (depth == 0) {
    fs::path directory = rest.empty() ? top : top / rest;
    return holds_process(directory, process) ? directory : fs::path();
  }
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(top, ignored)) {
    if (!entry.is_directory(ignored)) continue;
    fs::path found = directory_of_process(entry.path(), depth - 1, rest, process);
    if (!found.empty()) return found;
  }
  return {};
}

/// Returns the directory of the group `own` in this mount.
fs::path own_directory(const Mount& mount, const std::string& own, const fs::path& root) {
  fs::path top = below(root, mount.mount_point);
  const std::vector<std::string> above = components(mount.hierarchy_path);
  const std::vector<std::string> parts = components(own);
  std::size_t common = 0;
  while (common < std::min(above.size(), parts.size()) && above[common] == parts[common]) ++common;
  const auto rest = parts.begin() + static_cast<std::ptrdiff_t>(common);
  if (common == above.size()) return joined(top, rest, parts.end());
  const bool is_above_namespace =
      std::all_of(above.begin() + static_cast<std::ptrdiff_t>(common), above.end(),
                  [](const std::string& part) { return part == ".."; });
  if (!is_above_namespace) return top;
  // In a namespace without a mount of its own, the kernel does not report the names of the levels
  // between the mount and the namespace's root.
  std::string process = std::to_string(::getpid());
  std::ifstream(below(root, "/proc/self/stat")) >> process;
  fs::path found = directory_of_process(top, static_cast<int>(above.size() - common),
                                        joined({}, rest, parts.end()), process);
  return found.empty() ? top : found;
}

}  // namespace

std::vector<Cgroup> own_cgroups(const std::string& controller, const fs::path& root) {
  std::vector<Cgroup> groups;
  for (const Mount& mount : cgroup_mounts(controller, root)) {
    const auto own = own_path(mount.version, controller, root);
    if (!own) continue;
    const fs::path top = below(root, mount.mount_point);
    fs::path directory = own_directory(mount, *own, root);
    groups.push_back({mount.version, directory, true});
    while (directory != top && directory.has_relative_path()) {
      directory = directory.parent_path();
      groups.push_back({mount.version, directory, false});
    }
  }
  return groups;
}

}  // namespace styletransfer
