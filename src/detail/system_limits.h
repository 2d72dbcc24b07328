// What the operating system is asked to deny a thread: files, sockets, other programs, memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace styletransfer::detail {

/// Takes the calling thread's right to open files (Landlock), but for reading below `read_only`,
/// and to use TCP ports. It cannot be undone, and threads that this one makes have it too. Returns
/// the version of Landlock's interface, 0 where the kernel has none or refuses.
int restrict_files(const std::vector<std::string>& read_only);

/// Allows the calling thread, and those that it makes, only the system calls that computing needs
/// (seccomp): no file is opened for writing, no socket, no other program. A forbidden call fails
/// with "operation not permitted". It cannot be undone. False where the kernel has no such filter.
bool restrict_system_calls();

/// Folders that LibTorch may load libraries and facts about the processor from while it computes.
[[nodiscard]] std::vector<std::string> folders_for_computing();

/// While it exists, the process's address space may grow by at most `bytes`. Process-wide; one at a
/// time. A lower limit that the user set stays.
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
