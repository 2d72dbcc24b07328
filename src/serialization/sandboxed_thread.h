// Sandboxed thread for running the code of untrusted networks.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>

namespace styletransfer::detail {

struct Sandbox {
  /// Memory that the work may allocate in addition to what the process has, in bytes; 0: no limit.
  std::int64_t memory_bytes = 0;
  /// Set to false in tests, to behave as on an older kernel.
  bool with_landlock = true;
  bool with_filter = true;
};

/// Runs tasks one after another on a separate thread. If the kernel has Landlock and seccomp
/// filters (serialization/sandbox.h), that thread cannot open files other than libraries, use
/// sockets or start programs. LibTorch's warnings on it are dropped, because a network could put
/// any text into them.
class SandboxedThread {
 public:
  explicit SandboxedThread(Sandbox restrictions);
  /// Waits for the thread, unless a task was abandoned.
  ~SandboxedThread();
  SandboxedThread(const SandboxedThread&) = delete;
  SandboxedThread& operator=(const SandboxedThread&) = delete;

  /// Runs `work`, waits for it and rethrows what it throws. Calls `poll` about every 20 ms on the
  /// caller's thread; if that throws, the task is abandoned: run() rethrows at once, and the task
  /// continues in the background until the process ends. `work` must therefore own everything it
  /// uses. After that this object accepts no more tasks. One caller at a time.
  void run(std::function<void()> work, const std::function<void()>& poll);

  /// Sets the limit for later tasks.
  void set_memory_limit(std::int64_t bytes) { restrictions_.memory_bytes = bytes; }

  /// The active restrictions, for the user: "Landlock 4, a filter of system calls". Empty if none.
  [[nodiscard]] const std::string& protection() const { return protection_; }

 private:
  struct Queue;
  std::shared_ptr<Queue> queue_;
  Sandbox restrictions_;
  std::string protection_;
};

}  // namespace styletransfer::detail
