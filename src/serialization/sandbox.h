// Operating system restrictions for a thread: files, sockets, other programs, memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace styletransfer::detail {

/// Denies the calling thread to open files, except for reading below the paths `read_only`, and to
/// use TCP ports (Landlock). Cannot be undone; inherited by threads that this one creates. Returns
/// the version of Landlock's interface, or 0 if the kernel has none or refuses.
int restrict_files(const std::vector<std::string>& read_only);

/// Restricts the calling thread, and threads that it creates, to the system calls that computing
/// needs (seccomp): it cannot open files for writing, use sockets or start programs. A forbidden
/// call fails with EPERM. Cannot be undone. Returns false if the kernel has no seccomp filters.
bool restrict_system_calls();

/// Files and folders that LibTorch may read while it computes: libraries and information about the
/// processor.
[[nodiscard]] std::vector<std::string> folders_for_computing();

/// Limits the growth of the process's address space to `bytes` for the life of the object
/// (RLIMIT_AS). Process-wide; at most one at a time. A lower limit that is already set is left in
/// place.
class AddressSpaceLimit {
 public:
  explicit AddressSpaceLimit(std::int64_t bytes);
  ~AddressSpaceLimit();
  AddressSpaceLimit(const AddressSpaceLimit&) = delete;
  AddressSpaceLimit& operator=(const AddressSpaceLimit&) = delete;

 private:
  bool is_set_ = false;
  std::uint64_t soft_before_ = 0;
};

}  // namespace styletransfer::detail
