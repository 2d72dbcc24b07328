#include "images/file_view.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

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
    case EACCES:
      refuse(path, "permission denied; make it readable for this user");
    case ENAMETOOLONG:
      refuse(path, "the name is longer than the system allows; rename the file");
    default:
      refuse(path, std::string("cannot be opened (") + std::strerror(error) + "); check the path");
  }
}

const char* kind_of_file(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

}  // namespace

FileView::FileView(const std::string& path) {
  struct stat status {};
  // Asked by name first: opening a pipe would wait for its other end.
  if (stat(path.c_str(), &status) != 0) refuse_missing(path, errno);
  if (!S_ISREG(status.st_mode)) {
    refuse(path, std::string(kind_of_file(status.st_mode)) + ", not a file; give a picture file");
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

FileView::~FileView() { munmap(const_cast<std::uint8_t*>(data_), size_); }

}  // namespace styletransfer
