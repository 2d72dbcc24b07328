#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/system/memory_info.h"
#include "styletransfer/error.h"

namespace styletransfer {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw UsageError(shown_path(path) + ": " + why);
}

[[noreturn]] void refuse_missing(const std::string& path, int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      if (path.starts_with('~')) {
        refuse(path,
               "no such file; '~' stands for the home folder only where the shell expands it: "
               "leave the quotes off it or write the folder out");
      }
      refuse(path, "no such file; check the name");
    case ENOMEM:
      throw RunError(shown_path(path) + ": " + open_error_text(error));
    default:
      refuse(path, open_error_text(error));
  }
}

const char* kind_of_file(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

}  // namespace

std::string open_error_text(int error) {
  switch (error) {
    case EACCES:
      return "permission denied; make it readable for this user";
    case ENAMETOOLONG:
      return "the name is longer than the system allows; rename the file";
    case EMFILE:
      return "too many files are open; raise `ulimit -n`";
    case ENFILE:
      return "too many files are open in the whole system; close some programs";
    case ENOMEM: {
      const MemoryLimit limit = tightest_memory_limit();
      return "no memory left to open it (" + memory_limit_text(limit) + "); " +
             memory_limit_remedy(limit);
    }
    default:
      return std::string("cannot be opened (") + std::strerror(error) + "); check the path";
  }
}

MappedFile::MappedFile(const std::string& path) {
  struct stat status {};
  // stat before open: opening a pipe would block until its other end is opened.
  if (stat(path.c_str(), &status) != 0) refuse_missing(path, errno);
  if (!S_ISREG(status.st_mode)) {
    refuse(path, std::string(kind_of_file(status.st_mode)) + ", not a file; give an image file");
  }
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) refuse_missing(path, errno);
  const bool known = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  if (!known || status.st_size == 0) {
    close(fd);
    refuse(path, "the file is empty (0 bytes); get a complete copy of it");
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  void* mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  const int error = errno;
  close(fd);
  if (mapped == MAP_FAILED) refuse_missing(path, error);
  data_ = static_cast<const std::uint8_t*>(mapped);
  size_ = size;
}

MappedFile::~MappedFile() { munmap(const_cast<std::uint8_t*>(data_), size_); }

}  // namespace styletransfer
