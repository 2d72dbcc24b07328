#include "base/output_target.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/atomic_file.h"
#include "base/shown_path.h"
#include "styletransfer/error.h"

namespace styletransfer {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& path, const Message& why) {
  throw UsageError(shown_path(path) + ": " + why);
}

/// Called when nothing exists at the path, unless it is a dangling link.
void check_link(const std::string& path) {
  const std::string target = link_target(path);
  std::error_code is_missing;
  if (target == path || fs::is_directory(folder_of(target), is_missing)) return;
  refuse(path, "a link to '" + shown_path(target) +
                   "', whose folder does not exist; make that folder or choose another name");
}

void check_existing(const std::string& path, bool may_replace) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    if (errno == ENAMETOOLONG) {
      refuse(path, "the name is longer than the system allows; shorten it");
    }
    if (errno == ELOOP) refuse(path, "a link that leads back to itself; choose another name");
    return check_link(path);
  }
  if (S_ISDIR(status.st_mode)) refuse(path, "a directory; add a file name");
  if (!S_ISREG(status.st_mode)) refuse(path, "not a regular file; choose another name");
  if (!may_replace)
    refuse(path, "already exists; add " + option("overwrite") + " or choose another name");
  if (access(path.c_str(), W_OK) == 0) return;
  if (errno == EROFS) refuse(path, write_error_message(EROFS, folder_of(path)));
  refuse(path, "exists and is not writable; change its permissions or choose another name");
}

/// `path` is what the message names: the folder, or a file to be written in it.
void make_folder(const std::string& path, const std::string& folder) {
  if (path.starts_with("~") && path.find('/') != std::string::npos &&
      access(path.substr(0, path.find('/')).c_str(), F_OK) != 0) {
    refuse(
        path,
        "'~' stands for the home folder only where the shell expands it: leave the quotes off it "
        "or write the folder out");
  }
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error || fs::is_directory(folder)) return;
  if (error == std::errc::read_only_file_system) {
    refuse(path,
           "its folder '" + shown_path(folder) + "' is " + write_error_message(EROFS, folder));
  }
  refuse(path, "its folder cannot be made (" + error.message() + "); choose another");
}

}  // namespace

void check_output_target(const std::string& path, bool may_replace) {
  check_existing(path, may_replace);
  make_folder(path, folder_of(path));
  try {
    const AtomicFile trial(path);
  } catch (const WriteError& error) {
    throw UsageError(error.message());
  }
}

void check_output_folder(const std::string& folder) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error)) {
    refuse(folder, "a file, not a folder; choose another name");
  }
  fs::create_directories(folder, error);
  if (error && !fs::is_directory(folder)) {
    refuse(folder,
           error == std::errc::read_only_file_system
               ? write_error_message(EROFS, folder)
               : Message("the folder cannot be made (" + error.message() + "); choose another"));
  }
  try {
    const AtomicFile trial(folder + "/x");
  } catch (const WriteError& problem) {
    refuse(folder, write_error_message(problem.error_number(), folder));
  }
}

}  // namespace styletransfer
