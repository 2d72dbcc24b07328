// A file that appears whole or not at all.
#pragma once

#include <cstdio>
#include <string>

namespace styletransfer {

/// Written to under no name (or, where the file system cannot do that, a hidden name beside the
/// target) and given its name by commit(). A link as target keeps pointing where it did; an
/// existing file's permissions are kept. Errors are RunError naming the target.
class AtomicFile {
 public:
  /// Throws RunError when nothing can be written in the target's folder.
  explicit AtomicFile(const std::string& target);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  /// Without a commit, nothing is left behind.
  ~AtomicFile();

  [[nodiscard]] std::FILE* stream() const { return stream_; }

  /// Flushes to the disk and gives the file its name. Without `replace`, a file that appeared in
  /// the meantime stays, and RunError is thrown.
  void commit(bool replace);

  /// A RunError for a failed write: `error` is errno.
  [[noreturn]] void fail(int error) const;

 private:
  int open_unnamed() const;
  int open_named();
  /// Gives the unnamed file a name that is free; 0 or errno.
  [[nodiscard]] int link_as(const std::string& name) const;
  void link_under_hidden_name();
  void give_name(bool replace);
  void publish(bool replace) const;

  std::string shown_;
  std::string target_;
  std::string folder_;
  /// Empty while the file has no name.
  std::string hidden_name_;
  std::FILE* stream_ = nullptr;
};

/// Writes a whole file. Throws RunError.
void write_whole_file(const std::string& path, const std::string& bytes, bool may_replace);

/// The folder part of a path; "." when it has none.
[[nodiscard]] std::string folder_of(const std::string& path);

}  // namespace styletransfer
