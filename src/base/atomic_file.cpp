#include "base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <ostream>
#include <streambuf>
#include <system_error>
#include <utility>
#include <vector>

#include "base/shown_path.h"
#include "styletransfer/error.h"

namespace styletransfer {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kNewFileMode = 0666;  // minus the umask
constexpr int kMaxNamesTried = 100;
constexpr std::size_t kCopiedBytes = 1 << 20;

std::string next_hidden_name(const std::string& folder) {
  static std::atomic<unsigned> counter{0};
  return folder + "/.styletransfer-" + std::to_string(getpid()) + "-" + std::to_string(counter++) +
         ".tmp";
}

std::string path_of_descriptor(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

/// Returns true if the error means that the file system does not support the operation.
bool is_unsupported(int error) {
  return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP || error == EPERM ||
         error == EISDIR || error == ENOTTY;
}

/// Returns 0 or errno. Ignored on file systems that cannot sync.
int sync_file(int fd) {
  int result = 0;
  do {
    result = fsync(fd);
  } while (result != 0 && errno == EINTR);
  return result == 0 || is_unsupported(errno) ? 0 : errno;
}

/// Best effort: without it a power failure may lose the new name, never the file's bytes.
void sync_folder(const std::string& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

/// Copies all bytes of one file to another; returns 0 or errno.
int copy_bytes(int from, int to) {
  std::vector<char> buffer(kCopiedBytes);
  off_t at = 0;
  for (;;) {
    const ssize_t count = pread(from, buffer.data(), buffer.size(), at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return 0;
    for (ssize_t done = 0; done < count;) {
      const ssize_t written = ::write(to, buffer.data() + done, count - done);
      if (written < 0 && errno != EINTR) return errno;
      if (written > 0) done += written;
    }
    at += count;
  }
}

/// Fallback for file systems that cannot rename without replacing: creates an empty file under the
/// target's name, then replaces only that. Returns 0 or errno.
int rename_over_placeholder(const char* from, const char* to) {
  const int fd = open(to, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, kNewFileMode);
  if (fd < 0) return errno;
  struct stat made {};
  fstat(fd, &made);
  close(fd);
  if (rename(from, to) == 0) return 0;
  const int error = errno;
  struct stat now {};
  const bool is_placeholder = stat(to, &now) == 0 && now.st_dev == made.st_dev &&
                              now.st_ino == made.st_ino && now.st_size == 0;
  if (is_placeholder) unlink(to);
  return error;
}

/// Stream buffer that writes to a C stream.
class FileBuffer : public std::streambuf {
 public:
  explicit FileBuffer(std::FILE* file) : file_(file) {}
  /// errno of the first failed write, or 0.
  [[nodiscard]] int error() const { return error_; }

 protected:
  std::streamsize xsputn(const char* bytes, std::streamsize count) override {
    errno = 0;
    const std::size_t written = std::fwrite(bytes, 1, static_cast<std::size_t>(count), file_);
    if (written != static_cast<std::size_t>(count) && error_ == 0) error_ = errno ? errno : EIO;
    return static_cast<std::streamsize>(written);
  }
  int_type overflow(int_type byte) override {
    const char value = traits_type::to_char_type(byte);
    return xsputn(&value, 1) == 1 ? byte : traits_type::eof();
  }

 private:
  std::FILE* file_;
  int error_ = 0;
};

}  // namespace

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string link_target(const std::string& path) {
  constexpr int kMaxLinks = 40;  // the kernel's own limit
  std::string target = path;
  for (int i = 0; i < kMaxLinks; ++i) {
    std::error_code is_no_link;
    const fs::path next = fs::read_symlink(target, is_no_link);
    if (is_no_link) break;
    target = next.is_absolute() ? next.string() : (fs::path(target).parent_path() / next).string();
  }
  return target;
}

AtomicFile::AtomicFile(const std::string& target)
    : shown_(shown_path(target)),
      shown_folder_(shown_path(folder_of(target))),
      target_(link_target(target)),
      folder_(folder_of(target_)) {
  int fd = open_unnamed();
  if (fd < 0) fd = open_named();
  if (fd < 0) fail(errno);
  struct stat existing {};
  if (stat(target_.c_str(), &existing) == 0) {
    // Best effort: copying the mode fails for another user's file.
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
  // Naming the file later needs /proc; without it, fall back to a hidden file.
  if (access("/proc/self/fd", X_OK) == 0) {
    return open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, kNewFileMode);
  }
#endif
  return -1;
}

int AtomicFile::open_named() {
  for (int i = 0; i < kMaxNamesTried; ++i) {
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

int AtomicFile::link_under_hidden_name() {
  int error = EEXIST;
  for (int i = 0; i < kMaxNamesTried && error == EEXIST; ++i) {
    const std::string name = next_hidden_name(folder_);
    error = link_as(name);
    if (error == 0) hidden_name_ = name;
  }
  return error;
}

void AtomicFile::copy_under_hidden_name() {
  const int fd = open_named();
  if (fd < 0) fail(errno);
  struct stat original {};
  if (fstat(fileno(stream_), &original) == 0) (void)!fchmod(fd, original.st_mode & 07777);
  int error = copy_bytes(fileno(stream_), fd);
  if (error == 0) error = sync_file(fd);
  std::FILE* const copy = error == 0 ? fdopen(fd, "w+b") : nullptr;
  if (copy == nullptr) {
    if (error == 0) error = errno;
    close(fd);
    fail(error);
  }
  std::fclose(std::exchange(stream_, copy));
}

bool AtomicFile::name_unnamed(bool replace) {
  // Link directly to the target name if it is free: a kill between two steps would leave the hidden
  // file.
  const int error = link_as(target_);
  if (error == 0) return true;
  if (error == EEXIST && !replace) fail(EEXIST);
  if (error != EEXIST || link_under_hidden_name() != 0) copy_under_hidden_name();
  return false;
}

void AtomicFile::close_stream() {
  struct stat status {};
  if (fstat(fileno(stream_), &status) == 0) {
    device_ = status.st_dev;
    inode_ = status.st_ino;
  }
  // File servers may report a full disk only on close.
  if (std::fclose(std::exchange(stream_, nullptr)) != 0 && errno != EINTR) fail(errno);
}

bool AtomicFile::is_at_target() const {
  struct stat status {};
  return inode_ != 0 && stat(target_.c_str(), &status) == 0 && status.st_dev == device_ &&
         status.st_ino == inode_;
}

/// Tries the ways from best to most widely supported; reports the error of the last one.
void AtomicFile::move_to_free_target() const {
  const char* from = hidden_name_.c_str();
  const char* to = target_.c_str();
#ifdef RENAME_NOREPLACE
  if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return;
  if (errno == EEXIST && !is_at_target()) fail(EEXIST);
#endif
  if (link(from, to) == 0) {
    unlink(from);
    return;
  }
  if (errno == EEXIST && !is_at_target()) fail(EEXIST);
  const int error = is_at_target() ? 0 : rename_over_placeholder(from, to);
  if (error != 0) fail(error);
  unlink(from);
}

void AtomicFile::commit(bool replace) {
  if (std::fflush(stream_) != 0) fail(errno);
  if (const int error = sync_file(fileno(stream_)); error != 0) fail(error);
  if (hidden_name_.empty() && name_unnamed(replace)) {
    std::fclose(std::exchange(stream_, nullptr));
  } else {
    close_stream();
    if (!replace) {
      move_to_free_target();
    } else if (rename(hidden_name_.c_str(), target_.c_str()) != 0) {
      fail(errno);
    }
    hidden_name_.clear();
  }
  sync_folder(folder_);
}

void AtomicFile::fail(int error) const {
  const std::string where =
      error == EROFS ? shown_ + ": its folder '" + shown_folder_ + "' is " : shown_ + ": ";
  throw WriteError(where + write_error_message(error, folder_), error);
}

Message write_error_message(int error, const std::string& folder) {
  switch (error) {
    case ENOSPC:
      return "the disk is full; free some space or choose another folder";
    case EDQUOT:
      return "the disk quota is used up; free some space or choose another folder";
    case ENAMETOOLONG:
      return "the name is longer than the system allows; shorten it";
    case EMFILE:
    case ENFILE:
      return "too many files are open; raise `ulimit -n`";
    case EFBIG:
      return "larger than the system's file size limit; raise it (ulimit -f)";
    case EEXIST:
      return "appeared while the program ran; add " + option("overwrite") + " to replace it";
    case ENOENT:
    case ENOTDIR: {
      // Some file systems (/proc) answer so to every new file.
      std::error_code is_missing;
      return fs::is_directory(folder, is_missing)
                 ? "its file system takes no new files; choose another folder"
                 : "its folder is gone; make it again";
    }
    case EACCES:
    case EPERM:
      return "no permission to write there; choose another folder";
    case EROFS:
      return "on a read-only file system; choose another folder";
    default:
      return std::string("cannot be written (") +
             (error != 0 ? std::strerror(error) : "unknown error") +
             "); check the disk and the folder";
  }
}

void write_whole_file(const std::string& path, const std::string& bytes, bool may_replace) {
  AtomicFile file(path);
  if (std::fwrite(bytes.data(), 1, bytes.size(), file.stream()) != bytes.size()) file.fail(errno);
  file.commit(may_replace);
}

void write_whole_file(const std::string& path, const std::function<void(std::ostream&)>& write,
                      bool may_replace) {
  std::error_code ignored;  // opening the file reports the error
  fs::create_directories(folder_of(path), ignored);
  AtomicFile file(path);
  FileBuffer buffer(file.stream());
  std::ostream stream(&buffer);
  try {
    write(stream);
  } catch (const std::exception&) {
    // The system's error is clearer than the writer's.
    if (buffer.error() != 0) file.fail(buffer.error());
    throw;
  }
  if (buffer.error() != 0) file.fail(buffer.error());
  file.commit(may_replace);
}

}  // namespace styletransfer
