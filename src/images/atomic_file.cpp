#include "images/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "images/file_view.h"
#include "styletransfer/error.h"

namespace styletransfer {
namespace {

constexpr mode_t kNewFileMode = 0666;  // less the user's mask

/// Where a chain of links ends; the path itself when it is no link or leads nowhere.
std::string resolved(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr),
                                                         &std::free);
  return real ? real.get() : path;
}

std::string next_hidden_name(const std::string& folder) {
  static std::atomic<unsigned> counter{0};
  return folder + "/.styletransfer-" + std::to_string(getpid()) + "-" + std::to_string(counter++) +
         ".tmp";
}

std::string path_of_descriptor(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

void sync_folder(const std::string& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

}  // namespace

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

AtomicFile::AtomicFile(const std::string& target)
    : shown_(shown_path(target)), target_(resolved(target)), folder_(folder_of(target_)) {
  int fd = open_unnamed();
  if (fd < 0) fd = open_named();
  if (fd < 0) fail(errno);
  struct stat existing {};
  if (stat(target_.c_str(), &existing) == 0) {
    // Best effort: another user's file may not let its mode be copied.
    (void)!fchmod(fd, existing.st_mode & 07777);
  }
  stream_ = fdopen(fd, "w+b");
  if (stream_ == nullptr) {
    const int error = errno;
    close(fd);
    if (!hidden_name_.empty()) unlink(hidden_name_.c_str());
    fail(error);
  }
}

AtomicFile::~AtomicFile() {
  if (stream_ != nullptr) std::fclose(stream_);
  if (!hidden_name_.empty()) unlink(hidden_name_.c_str());
}

int AtomicFile::open_unnamed() const {
#ifdef O_TMPFILE
  // The name is given through /proc later; without it this way is barred.
  if (access("/proc/self/fd", X_OK) == 0) {
    return open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, kNewFileMode);
  }
#endif
  return -1;
}

int AtomicFile::open_named() {
  constexpr int kAttempts = 100;
  for (int i = 0; i < kAttempts; ++i) {
    const std::string name = next_hidden_name(folder_);
    const int fd = open(name.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, kNewFileMode);
    if (fd >= 0) hidden_name_ = name;
    if (fd >= 0 || errno != EEXIST) return fd;
  }
  return -1;
}

int AtomicFile::link_as(const std::string& name) const {
  const std::string source = path_of_descriptor(fileno(stream_));
  const bool is_linked =
      linkat(AT_FDCWD, source.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
  return is_linked ? 0 : errno;
}

void AtomicFile::link_under_hidden_name() {
  constexpr int kAttempts = 100;
  int error = EEXIST;
  for (int i = 0; i < kAttempts && error == EEXIST; ++i) {
    const std::string name = next_hidden_name(folder_);
    error = link_as(name);
    if (error == 0) hidden_name_ = name;
  }
  if (error != 0) fail(error);
}

void AtomicFile::give_name(bool replace) {
  // Straight to its name where that is free: a kill between two names would leave the hidden one.
  if (hidden_name_.empty()) {
    const int error = link_as(target_);
    if (error == 0) return;
    if (error != EEXIST || !replace) fail(error);
    link_under_hidden_name();
  }
  publish(replace);
  hidden_name_.clear();
}

void AtomicFile::publish(bool replace) const {
  const char* from = hidden_name_.c_str();
  const char* to = target_.c_str();
  if (replace) {
    if (rename(from, to) != 0) fail(errno);
    return;
  }
#ifdef RENAME_NOREPLACE
  if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return;
  if (errno != EINVAL && errno != ENOSYS) fail(errno);
#endif
  if (access(to, F_OK) == 0) fail(EEXIST);
  if (rename(from, to) != 0) fail(errno);
}

void AtomicFile::commit(bool replace) {
  if (std::fflush(stream_) != 0) fail(errno);
  // Some file systems cannot sync; their own writing has to do.
  if (fsync(fileno(stream_)) != 0 && errno != EINVAL && errno != ENOTSUP) fail(errno);
  give_name(replace);
  std::FILE* const stream = stream_;
  stream_ = nullptr;
  std::fclose(stream);
  sync_folder(folder_);
}

void AtomicFile::fail(int error) const {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      throw RunError(shown_ + ": the disk is full; free some space or choose another folder");
    case EFBIG:
      throw RunError(shown_ + ": larger than the system's file size limit; raise it (ulimit -f)");
    case EEXIST:
      throw RunError(shown_ + ": appeared while the program ran; add --overwrite to replace it");
    case ENOENT:
    case ENOTDIR:
      throw RunError(shown_ + ": its folder is gone; make it again");
    case EACCES:
    case EPERM:
    case EROFS:
      throw RunError(shown_ + ": no permission to write there; choose another folder");
    default:
      throw RunError(shown_ + ": cannot be written (" +
                     (error != 0 ? std::strerror(error) : "unknown error") +
                     "); check the disk and the folder");
  }
}

void write_whole_file(const std::string& path, const std::string& bytes, bool may_replace) {
  AtomicFile file(path);
  if (std::fwrite(bytes.data(), 1, bytes.size(), file.stream()) != bytes.size()) file.fail(errno);
  file.commit(may_replace);
}

}  // namespace styletransfer
