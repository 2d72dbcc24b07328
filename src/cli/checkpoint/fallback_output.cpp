#include "cli/checkpoint/fallback_output.h"

#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

#include "base/atomic_file.h"
#include "base/shown_path.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;

using Write = std::function<void(const std::string& path)>;

/// Fallback folders, best first.
std::vector<fs::path> other_folders(const std::string& path, const WriteError& error) {
  const fs::path own = folder_of(path);
  std::error_code ignored;
  if (error.error_number() == EEXIST) return {own};
  std::vector<fs::path> folders;
  if (!fs::equivalent(own, ".", ignored)) folders.emplace_back(".");
  folders.push_back(fs::temp_directory_path(ignored));
  return folders;
}

/// Writes to the first free name of NAME, NAME-1, NAME-2, ... and returns its path, or nothing.
std::optional<std::string> written_in(const fs::path& folder, const fs::path& name,
                                      const Write& write) {
  constexpr int kMaxNumber = 1000;
  for (int number = 0; number <= kMaxNumber; ++number) {
    fs::path free_name = name.stem();
    if (number > 0) free_name += "-" + std::to_string(number);
    free_name += name.extension();
    const std::string path = (folder / free_name).string();
    std::error_code ignored;
    if (fs::exists(fs::symlink_status(path, ignored))) continue;
    try {
      write(path);
      return path;
    } catch (const WriteError& error) {
      if (error.error_number() != EEXIST) return std::nullopt;
    }
  }
  return std::nullopt;
}

std::string full_path(const std::string& path) {
  std::error_code unknown;
  const fs::path full = fs::absolute(path, unknown);
  return unknown ? path : full.lexically_normal().string();
}

}  // namespace

void write_or_use_fallback(const std::string& path, const Write& write) {
  try {
    write(path);
  } catch (const WriteError& error) {
    for (const fs::path& folder : other_folders(path, error)) {
      const auto place = written_in(folder, fs::path(path).filename(), write);
      if (!place) continue;
      throw WrittenToFallback(error.message() + "; written to " + shown_path(full_path(*place)) +
                              " instead");
    }
    throw;
  }
}

}  // namespace styletransfer::cli
