// Failing system calls, as on other file systems: a library that interposes the C library, in a
// test (linked) or in the program (LD_PRELOAD).
//
// STYLETRANSFER_FAILING_CALLS=rename:5,fsync:28 errno by call STYLETRANSFER_FAILING_WHILE=FILE only
// while this file exists STYLETRANSFER_FREE_BYTES=N what statvfs reports as free
//
// Calls: tmpfile (open with O_TMPFILE), create (open with O_CREAT), link, rename (any that
// replaces), renameat2 (with a flag), fsync, mkdir.
#undef _FORTIFY_SOURCE  // its inline functions have the names defined here
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

/// Returns true, with errno set, if the call is to fail.
bool fails(const char* call) {
  const char* list = std::getenv("STYLETRANSFER_FAILING_CALLS");
  if (list == nullptr) return false;
  const char* file = std::getenv("STYLETRANSFER_FAILING_WHILE");
  struct stat status {};
  if (file != nullptr && stat(file, &status) != 0) return false;
  const std::size_t length = std::strlen(call);
  for (const char* at = list; at != nullptr && *at != '\0';) {
    if (std::strncmp(at, call, length) == 0 && at[length] == ':') {
      errno = std::atoi(at + length + 1);
      return true;
    }
    at = std::strchr(at, ',');
    if (at != nullptr) ++at;
  }
  return false;
}

bool open_fails(int flags) {
#ifdef O_TMPFILE
  if ((flags & O_TMPFILE) == O_TMPFILE) return fails("tmpfile");
#endif
  return (flags & O_CREAT) != 0 && fails("create");
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = static_cast<mode_t>(va_arg(arguments, int));
  va_end(arguments);
  if (open_fails(flags)) return -1;
  static auto* const next = real<int(const char*, int, ...)>("open");
  return next(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = static_cast<mode_t>(va_arg(arguments, int));
  va_end(arguments);
  if (open_fails(flags)) return -1;
  static auto* const next = real<int(const char*, int, ...)>("open64");
  return next(path, flags, mode);
}

int link(const char* from, const char* to) noexcept {
  if (fails("link")) return -1;
  static auto* const next = real<int(const char*, const char*)>("link");
  return next(from, to);
}

int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) noexcept {
  if (fails("link")) return -1;
  static auto* const next = real<int(int, const char*, int, const char*, int)>("linkat");
  return next(from_folder, from, to_folder, to, flags);
}

int rename(const char* from, const char* to) noexcept {
  if (fails("rename")) return -1;
  static auto* const next = real<int(const char*, const char*)>("rename");
  return next(from, to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to,
              unsigned flags) noexcept {
  if (fails(flags != 0 ? "renameat2" : "rename")) return -1;
  static auto* const next = real<int(int, const char*, int, const char*, unsigned)>("renameat2");
  return next(from_folder, from, to_folder, to, flags);
}

int fsync(int fd) {
  if (fails("fsync")) return -1;
  static auto* const next = real<int(int)>("fsync");
  return next(fd);
}

int mkdir(const char* path, mode_t mode) noexcept {
  if (fails("mkdir")) return -1;
  static auto* const next = real<int(const char*, mode_t)>("mkdir");
  return next(path, mode);
}

int statvfs(const char* path, struct statvfs* status) noexcept {
  static auto* const next = real<int(const char*, struct statvfs*)>("statvfs");
  const int result = next(path, status);
  const char* bytes = std::getenv("STYLETRANSFER_FREE_BYTES");
  if (result == 0 && bytes != nullptr) {
    status->f_frsize = 1;
    status->f_bavail = std::strtoull(bytes, nullptr, 10);
  }
  return result;
}

}  // extern "C"
