// A thread for the code of networks: it computes, and the operating system denies it the rest.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>

namespace styletransfer::detail {

struct Restrictions {
  /// What the work may allocate at a time, beyond what the process holds; 0: no limit.
  std::int64_t memory_bytes = 0;
  /// For tests of what an older kernel does.
  bool with_landlock = true;
  bool with_filter = true;
};

/// Runs pieces of work one after the other on a thread of its own, which cannot open files but
/// libraries, use sockets or start programs where the kernel has Landlock and seccomp filters
/// (system_limits.h). What LibTorch warns of there is dropped: the words would be the network's.
class RestrictedThread {
 public:
  explicit RestrictedThread(Restrictions restrictions);
  /// Waits for the thread, unless work on it was given up.
  ~RestrictedThread();
  RestrictedThread(const RestrictedThread&) = delete;
  RestrictedThread& operator=(const RestrictedThread&) = delete;

  /// Runs `work`, waits for it and throws what it throws. `poll` is called about every 20 ms while
  /// it runs, on the caller's thread; when that throws, the work is given up: run() throws on at
  /// once and the work goes on by itself until the process ends. It must own what it uses, and this
  /// object takes no more work. One caller at a time.
  void run(std::function<void()> work, const std::function<void()>& poll);

  /// The limit for later work.
  void set_memory_limit(std::int64_t bytes) { restrictions_.memory_bytes = bytes; }

  /// What holds, for people: "Landlock 4, a filter of system calls". Empty: nothing does.
  [[nodiscard]] const std::string& protection() const { return protection_; }

 private:
  struct Queue;
  std::shared_ptr<Queue> queue_;
  Restrictions restrictions_;
  std::string protection_;
};

}  // namespace styletransfer::detail
