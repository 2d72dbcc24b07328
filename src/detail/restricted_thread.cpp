#include "detail/restricted_thread.h"

#include <ATen/Parallel.h>
#include <c10/util/Exception.h>

#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "detail/arena.h"
#include "detail/system_limits.h"

namespace styletransfer::detail {
namespace {

constexpr std::chrono::milliseconds kPollInterval{20};
// Of addresses: heaps and stacks of threads, code that libraries generate.
constexpr std::int64_t kOverheadBytes = 128 << 20;

class DropWarnings : public c10::WarningHandler {
 public:
  void process(const c10::Warning& /*warning*/) override {}
};

/// The threads that LibTorch computes on are made before memory is limited: each reserves addresses
/// for its stack and heap.
void make_team() {
  at::parallel_for(0, at::get_num_threads(), 1, [](std::int64_t, std::int64_t) {
    const auto touched = std::make_unique<char[]>(1);
    static_cast<void>(*static_cast<volatile char*>(touched.get()));
  });
}

std::string restrict_this_thread(const Restrictions& restrictions) {
  std::string protection;
  const auto add = [&](const std::string& what) {
    protection += (protection.empty() ? "" : ", ") + what;
  };
  const int landlock = restrictions.with_landlock ? restrict_files(folders_for_computing()) : 0;
  if (landlock > 0) add("Landlock " + std::to_string(landlock));
  if (restrictions.with_filter && restrict_system_calls()) add("a filter of system calls");
  return protection;
}

}  // namespace

/// Owned by both threads: work that is given up outlives its caller.
struct RestrictedThread::Queue {
  std::mutex mutex;
  std::condition_variable changed;
  std::packaged_task<void()> task;
  bool has_task = false;
  bool is_closed = false;
  bool is_given_up = false;
  std::thread thread;

  /// The next piece of work; none when there will be no more.
  std::optional<std::packaged_task<void()>> next() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return has_task || is_closed; });
    if (!has_task) return std::nullopt;
    has_task = false;
    return std::move(task);
  }
};

RestrictedThread::RestrictedThread(Restrictions restrictions)
    : queue_(std::make_shared<Queue>()), restrictions_(restrictions) {
  std::promise<std::string> ready;
  std::future<std::string> protection = ready.get_future();
  queue_->thread = std::thread([queue = queue_, restrictions, ready = std::move(ready)]() mutable {
    static DropWarnings drop;
    const c10::WarningUtils::WarningHandlerGuard quiet(&drop);
    std::string what_holds = restrict_this_thread(restrictions);
    at::init_num_threads();
    make_team();
    ready.set_value(std::move(what_holds));
    while (auto task = queue->next()) (*task)();
  });
  protection_ = protection.get();
}

RestrictedThread::~RestrictedThread() {
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->is_closed = true;
  }
  queue_->changed.notify_one();
  if (queue_->is_given_up) {
    queue_->thread.detach();
  } else {
    queue_->thread.join();
  }
}

void RestrictedThread::run(std::function<void()> work, const std::function<void()>& poll) {
  const std::int64_t limit = restrictions_.memory_bytes;
  std::packaged_task<void()> task([work = std::move(work), limit] {
    if (limit == 0) return work();
    const ArenaLimit tensors(limit);
    work();
  });
  std::optional<AddressSpaceLimit> addresses;
  if (limit > 0) addresses.emplace(limit + kOverheadBytes);
  std::future<void> done = task.get_future();
  {
    const std::lock_guard lock(queue_->mutex);
    if (queue_->is_given_up) throw std::logic_error("work for a thread that was given up");
    queue_->task = std::move(task);
    queue_->has_task = true;
  }
  queue_->changed.notify_one();
  try {
    while (done.wait_for(kPollInterval) != std::future_status::ready) {
      if (poll) poll();
    }
  } catch (...) {
    queue_->is_given_up = true;
    throw;
  }
  done.get();
}

}  // namespace styletransfer::detail
