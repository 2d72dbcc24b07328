#include "images/output_target.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "images/atomic_file.h"
#include "images/file_view.h"
#include "styletransfer/error.h"

namespace styletransfer {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw UsageError(shown_path(path) + ": " + why);
}

void check_existing(const std::string& path, bool may_replace) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    if (errno == ENAMETOOLONG)
      refuse(path, "the name is longer than the system allows; shorten it");
    return;
  }
  if (S_ISDIR(status.st_mode)) refuse(path, "a directory; add a file name");
  if (!S_ISREG(status.st_mode)) refuse(path, "not a regular file; choose another name");
  if (!may_replace) refuse(path, "already exists; add --overwrite or choose another name");
  if (access(path.c_str(), W_OK) != 0) {
    refuse(path, "exists and is not writable; change its permissions or choose another name");
  }
}

void make_folder(const std::string& path) {
  const std::string folder = folder_of(path);
  if (path.starts_with("~") && path.find('/') != std::string::npos &&
      access(path.substr(0, path.find('/')).c_str(), F_OK) != 0) {
    refuse(
        path,
        "'~' stands for the home folder only where the shell expands it: leave the quotes off it "
        "or write the folder out");
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error && !std::filesystem::is_directory(folder)) {
    refuse(path, "its folder cannot be made (" + error.message() + "); choose another");
  }
}

void try_folder(const std::string& path) {
  try {
    const AtomicFile trial(path);
  } catch (const RunError& error) {
    throw UsageError(error.what());
  }
}

}  // namespace

void check_output_target(const std::string& path, bool may_replace) {
  check_existing(path, may_replace);
  make_folder(path);
  try_folder(path);
}

}  // namespace styletransfer
