#include "device/thread_start.h"

#include <ATen/Parallel.h>
#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <vector>

#include "base/system/byte_count.h"
#include "base/system/memory_info.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

/// Default stack size of a new thread, which glibc takes from RLIMIT_STACK.
std::int64_t default_stack_bytes() {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return 0;
  std::size_t bytes = 0;
  pthread_attr_getstacksize(&attributes, &bytes);
  pthread_attr_destroy(&attributes);
  return static_cast<std::int64_t>(bytes);
}

/// What libgomp gives its threads: 0 for the system's default.
std::int64_t openmp_stack_bytes() {
  for (const char* name : {"OMP_STACKSIZE", "GOMP_STACKSIZE"}) {
    const char* text = std::getenv(name);
    if (text == nullptr) continue;
    if (const std::int64_t bytes = parse_stack_size(text); bytes > 0) return bytes;
  }
  return 0;
}

std::int64_t stack_bytes() { return std::max(default_stack_bytes(), openmp_stack_bytes()); }

/// The limit on addresses or private pages with the least room; stacks count in both.
std::optional<MemoryLimit> tightest_address_limit() {
  std::optional<MemoryLimit> tightest;
  for (const MemoryLimit& limit : memory_limits()) {
    const bool holds_stacks = limit.kind == MemoryLimit::Kind::kAddressSpace ||
                              limit.kind == MemoryLimit::Kind::kDataSegment;
    if (!holds_stacks) continue;
    if (!tightest || limit.free_bytes() < tightest->free_bytes()) tightest = limit;
  }
  return tightest;
}

/// Threads that wait for each other, so that all exist at the same time.
class TrialThreads {
 public:
  ~TrialThreads() {
    {
      const std::lock_guard lock(mutex_);
      may_end_ = true;
    }
    changed_.notify_all();
    for (const pthread_t thread : threads_) pthread_join(thread, nullptr);
  }

  [[nodiscard]] bool start(int count) {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return false;
    pthread_attr_setstacksize(&attributes, static_cast<std::size_t>(stack_bytes()));
    threads_.reserve(static_cast<std::size_t>(count));
    bool is_started = true;
    for (int i = 0; i < count && is_started; ++i) {
      pthread_t thread{};
      is_started = pthread_create(&thread, &attributes, &TrialThreads::wait, this) == 0;
      if (is_started) threads_.push_back(thread);
    }
    pthread_attr_destroy(&attributes);
    return is_started;
  }

 private:
  static void* wait(void* self) {
    auto& trial = *static_cast<TrialThreads*>(self);
    std::unique_lock lock(trial.mutex_);
    trial.changed_.wait(lock, [&] { return trial.may_end_; });
    return nullptr;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool may_end_ = false;
  std::vector<pthread_t> threads_;
};

std::string threads_text(int count) {
  return std::to_string(count) + (count == 1 ? " more thread" : " more threads");
}

}  // namespace

std::int64_t thread_stack_bytes(int count) {
  const std::int64_t guard = sysconf(_SC_PAGESIZE);
  return count <= 0 ? 0 : count * (stack_bytes() + guard);
}

std::int64_t parse_stack_size(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) digits += c;
  }
  std::int64_t unit = 1024;
  if (!digits.empty() && std::isalpha(static_cast<unsigned char>(digits.back())) != 0) {
    switch (std::tolower(static_cast<unsigned char>(digits.back()))) {
      case 'b':
        unit = 1;
        break;
      case 'k':
        break;
      case 'm':
        unit = std::int64_t{1} << 20;
        break;
      case 'g':
        unit = std::int64_t{1} << 30;
        break;
      default:
        return 0;
    }
    digits.pop_back();
  }
  constexpr std::int64_t kMaxNumber = std::int64_t{1} << 32;
  std::int64_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, problem] = std::from_chars(digits.data(), end, number);
  const bool is_number = !digits.empty() && stop == end && problem == std::errc();
  return is_number && number > 0 && number <= kMaxNumber ? number * unit : 0;
}

void require_threads(int count) {
  const std::int64_t needed = thread_stack_bytes(count) + kSmallestRunBytes;
  const std::optional<MemoryLimit> limit = tightest_address_limit();
  const auto free_bytes = static_cast<std::int64_t>(limit ? limit->free_bytes() : 0);
  if (limit && needed > free_bytes) {
    throw UsageError(
        "the " + memory_limit_text(*limit) + ", leaves " + memory_text(free_bytes) + " where " +
        (count > 0 ? "the stacks of " + threads_text(count) + " and " : "") +
        "the smallest run need " + memory_text(needed) + "; " + memory_limit_remedy(*limit) +
        (count > 0 && kSmallestRunBytes <= free_bytes ? ", or lower " + option("threads")
                                                      : Message()));
  }
  if (count > 0 && !TrialThreads().start(count)) throw UsageError(no_thread_message(count));
}

void save_addresses() {
#ifdef M_ARENA_MAX
  // glibc reserves 64 MB of addresses for each thread's own arena.
  if (tightest_address_limit()) mallopt(M_ARENA_MAX, 1);
#endif
}

void start_team() {
  at::parallel_for(0, at::get_num_threads(), 1, [](std::int64_t, std::int64_t) {});
}

Message no_thread_message(int count) {
  const std::string problem = threads_text(count) + " cannot be started: ";
  const std::optional<MemoryLimit> limit = tightest_address_limit();
  if (limit && static_cast<std::int64_t>(limit->free_bytes()) < thread_stack_bytes(count)) {
    return problem + memory_limit_text(*limit) + "; " + memory_limit_remedy(*limit) +
           ", or lower " + option("threads");
  }
  return problem +
         "the system allows no more; raise `ulimit -u` (or pids.max of the control group), or "
         "lower " +
         option("threads");
}

}  // namespace styletransfer::detail
