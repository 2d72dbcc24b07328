// Atomic file writing: a file appears complete or not at all.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <functional>
#include <iosfwd>
#include <string>

#include "styletransfer/message.h"

namespace styletransfer {

/// Data go into an unnamed file (or, if the file system cannot do that, a hidden file in the
/// target's folder), which commit() gives the target's name. If the target is a symbolic link, the
/// link stays and the file it points to is written, even if that does not exist yet; an existing
/// file's permissions are preserved. Errors are WriteError naming the target.
///
/// There are fallbacks for file systems without unnamed files, links, renaming without replacing,
/// or syncing. A file system that can neither link nor rename without replacing shows an empty file
/// under the target's name for a moment.
class AtomicFile {
 public:
  /// Throws WriteError when the target's folder is not writable.
  explicit AtomicFile(const std::string& target);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  /// Leaves nothing behind unless commit() was called.
  ~AtomicFile();

  [[nodiscard]] std::FILE* stream() const { return stream_; }

  /// Flushes to disk and gives the file its name. Without `replace`, a file that appeared in the
  /// meantime is left alone and WriteError is thrown.
  void commit(bool replace);

  /// Throws WriteError for a failed write; `error` is errno.
  [[noreturn]] void fail(int error) const;

 private:
  int open_unnamed() const;
  int open_named();
  /// Links the unnamed file to `name`, which must not exist; returns 0 or errno.
  [[nodiscard]] int link_as(const std::string& name) const;
  [[nodiscard]] int link_under_hidden_name();
  void copy_under_hidden_name();
  /// Returns true if the file now has the target's name, false if it has the hidden one.
  [[nodiscard]] bool name_unnamed(bool replace);
  void close_stream();
  void move_to_free_target() const;
  /// Returns true if this file is at the target: a file server may lose the reply to a call that
  /// succeeded.
  [[nodiscard]] bool is_at_target() const;

  std::string shown_;
  /// As spelled in the path that was passed in.
  std::string shown_folder_;
  std::string target_;
  std::string folder_;
  /// Empty while the file has no name.
  std::string hidden_name_;
  std::FILE* stream_ = nullptr;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

/// Writes a whole file. Throws WriteError.
void write_whole_file(const std::string& path, const std::string& bytes, bool may_replace);

/// Writes a file with whatever `write` puts into the stream; creates a missing folder.
void write_whole_file(const std::string& path, const std::function<void(std::ostream&)>& write,
                      bool may_replace);

/// Returns the folder part of a path; "." if there is none.
[[nodiscard]] std::string folder_of(const std::string& path);

/// Follows a chain of symbolic links to its end, whether or not that exists; returns the path
/// itself if it is not a link.
[[nodiscard]] std::string link_target(const std::string& path);

/// Returns the reason why a file in `folder` cannot be written, and what to do: "the disk is full;
/// free some space or choose another folder". `error` is errno.
[[nodiscard]] Message write_error_message(int error, const std::string& folder);

}  // namespace styletransfer
