// A file that appears whole or not at all.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <functional>
#include <iosfwd>
#include <string>

namespace styletransfer {

/// Written to under no name (or, where the file system cannot do that, a hidden name beside the
/// target) and given its name by commit(). A link as target keeps pointing where it did, and is
/// followed even where no file is there yet; an existing file's permissions are kept. Errors are
/// WriteError naming the target.
///
/// What a file system cannot do (files without a name, links, renaming without replacing, syncing)
/// is done in another way. A file system that can neither link nor rename without replacing has,
/// for a moment, an empty file under the target's name.
class AtomicFile {
 public:
  /// Throws WriteError when nothing can be written in the target's folder.
  explicit AtomicFile(const std::string& target);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  /// Without a commit, nothing is left behind.
  ~AtomicFile();

  [[nodiscard]] std::FILE* stream() const { return stream_; }

  /// Flushes to the disk and gives the file its name. Without `replace`, a file that appeared in
  /// the meantime stays, and WriteError is thrown.
  void commit(bool replace);

  /// A WriteError for a failed write: `error` is errno.
  [[noreturn]] void fail(int error) const;

 private:
  int open_unnamed() const;
  int open_named();
  /// Gives the unnamed file a name that is free; 0 or errno.
  [[nodiscard]] int link_as(const std::string& name) const;
  [[nodiscard]] int link_under_hidden_name();
  void copy_under_hidden_name();
  /// True: it is the target's. False: the hidden one.
  [[nodiscard]] bool name_unnamed(bool replace);
  void close_stream();
  void move_to_free_target() const;
  /// Whether this file is at the target: the reply to a call that succeeded may be lost on the way
  /// from a file server.
  [[nodiscard]] bool is_at_target() const;

  std::string shown_;
  /// As in the path that was given.
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

/// The same of what `write` puts into the stream; a missing folder is made.
void write_whole_file(const std::string& path, const std::function<void(std::ostream&)>& write,
                      bool may_replace);

/// The folder part of a path; "." when it has none.
[[nodiscard]] std::string folder_of(const std::string& path);

/// Where a chain of links ends, whether or not something is there; the path itself when it is no
/// link.
[[nodiscard]] std::string link_target(const std::string& path);

/// Why nothing can be written in a folder, and what to do: "the disk is full; free some space or
/// choose another folder". `error` is errno.
[[nodiscard]] std::string write_error_words(int error);

}  // namespace styletransfer
