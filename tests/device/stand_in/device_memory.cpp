#include "device_memory.h"

#include <c10/util/Exception.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "allocator_interface.h"
#include "environment.h"
#include "ledger.h"

namespace stand_in {
namespace {

// Rounding of allocations, and of memory taken from the device, in LibTorch's allocator.
constexpr std::size_t kBlockBytes = 512;
constexpr std::size_t kSegmentBytes = std::size_t{2} << 20;
constexpr std::size_t kPageBytes = 4096;
constexpr unsigned long long kDefaultDeviceBytes = 16ULL << 30;

std::size_t rounded_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

struct Block {
  std::size_t bytes = 0;
  std::size_t mapped_bytes = 0;
  int open = 0;  // number of operations that use it
};

class Memory {
 public:
  void* allocate(std::size_t asked) {
    const std::size_t bytes = rounded_up(asked, kBlockBytes);
    const std::size_t mapped = rounded_up(asked, kPageBytes);
    const std::lock_guard lock(gate_);
    reserve(bytes);
    void* memory =
        mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TORCH_CHECK_WITH(OutOfMemoryError, memory != MAP_FAILED, "CUDA out of memory (mmap)");
    std::memset(memory, 0xff, mapped);  // NaN in every floating-point type
    mprotect(memory, mapped, PROT_NONE);
    blocks_[reinterpret_cast<std::uintptr_t>(memory)] = {bytes, mapped, 0};
    use_.held += bytes;
    use_.peak = std::max(use_.peak, use_.held);
    report(memory, static_cast<std::int64_t>(bytes));
    return memory;
  }

  void release(void* memory) {
    const std::lock_guard lock(gate_);
    const auto found = blocks_.find(reinterpret_cast<std::uintptr_t>(memory));
    munmap(memory, found->second.mapped_bytes);
    use_.held -= found->second.bytes;
    report(memory, -static_cast<std::int64_t>(found->second.bytes));
    blocks_.erase(found);
  }

  /// Makes the block of `data` accessible. Returns its start.
  std::uintptr_t open(const void* data) {
    const std::lock_guard lock(gate_);
    const auto found = block_of(reinterpret_cast<std::uintptr_t>(data));
    TORCH_CHECK(found != blocks_.end(), "a CUDA tensor whose memory is not the device's");
    if (found->second.open++ == 0) protect(*found, PROT_READ | PROT_WRITE);
    return found->first;
  }

  void close(std::uintptr_t start) {
    const std::lock_guard lock(gate_);
    const auto found = blocks_.find(start);
    if (found != blocks_.end() && --found->second.open == 0) protect(*found, PROT_NONE);
  }

  /// True for an address in a block. Called from the signal handler, hence without the lock.
  [[nodiscard]] bool holds(std::uintptr_t address) { return block_of(address) != blocks_.end(); }

  MemoryUse use() {
    const std::lock_guard lock(gate_);
    use_.total = total();
    return use_;
  }
  void empty_cache() {
    const std::lock_guard lock(gate_);
    use_.reserved = rounded_up(use_.held, kSegmentBytes);
  }
  void reset_peak() {
    const std::lock_guard lock(gate_);
    use_.peak = use_.held;
    use_.peak_reserved = use_.reserved;
  }

 private:
  /// Reports to LibTorch's memory profiler.
  void report(void* memory, std::int64_t bytes) const {
    c10::reportMemoryUsageToProfiler(memory, bytes, use_.held, use_.reserved,
                                     c10::Device(c10::kCUDA, 0));
  }

  using Blocks = std::map<std::uintptr_t, Block>;

  static std::size_t total() {
    return number_from_environment("FAKE_CUDA_BYTES", kDefaultDeviceBytes);
  }

  void reserve(std::size_t more) {
    const std::size_t needed = rounded_up(use_.held + more, kSegmentBytes);
    if (needed > total()) {
      const char* words = std::getenv("FAKE_CUDA_MEMORY_ERROR");
      TORCH_CHECK(words == nullptr, words);
      TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory. Tried to allocate ", more,
                       " bytes. GPU 0 has a total capacity of ", total(), " bytes of which ",
                       total() - std::min(total(), use_.held), " bytes is free.");
    }
    use_.reserved = std::max(use_.reserved, needed);
    use_.peak_reserved = std::max(use_.peak_reserved, use_.reserved);
  }

  Blocks::iterator block_of(std::uintptr_t address) {
    auto found = blocks_.upper_bound(address);
    if (found == blocks_.begin()) return blocks_.end();
    --found;
    return address < found->first + found->second.mapped_bytes ? found : blocks_.end();
  }

  static void protect(const Blocks::value_type& block, int access) {
    mprotect(reinterpret_cast<void*>(block.first), block.second.mapped_bytes, access);
  }

  std::mutex gate_;
  Blocks blocks_;
  MemoryUse use_;
};

/// Never destroyed, because tensors may outlive the library's static objects.
Memory& memory() {
  static auto* made = new Memory;
  return *made;
}

void release(void* data) {
  if (data != nullptr) memory().release(data);
}

class Allocator : public AllocatorInterface {
 public:
  c10::DataPtr allocate(std::size_t bytes) override {
    const c10::Device device(c10::kCUDA, 0);
    if (bytes == 0) return {nullptr, nullptr, &release, device};
    void* data = memory().allocate(bytes);
    count("allocations");
    return {data, data, &release, device};
  }
  [[nodiscard]] c10::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void* /*to*/, const void* /*from*/, std::size_t /*bytes*/) const override {
    TORCH_CHECK(false, "fake CUDA: copies of raw memory are not made");
  }
};

struct sigaction earlier_action {};

void on_fault(int signal, siginfo_t* info, void* context) {
  if (memory().holds(reinterpret_cast<std::uintptr_t>(info->si_addr))) {
    constexpr char kText[] = "fake CUDA: the host touches device memory outside an operation\n";
    (void)!write(2, kText, sizeof(kText) - 1);
    print_callers();
    constexpr int kExitCode = 97;
    _exit(kExitCode);
  }
  if ((earlier_action.sa_flags & SA_SIGINFO) != 0 && earlier_action.sa_sigaction != nullptr) {
    earlier_action.sa_sigaction(signal, info, context);
  }
  ::signal(signal, SIG_DFL);
}

}  // namespace

MemoryUse memory_use() { return memory().use(); }
void empty_cache() { memory().empty_cache(); }
void reset_peak() { memory().reset_peak(); }

c10::Allocator& device_allocator() {
  static auto* made = new Allocator;
  return *made;
}

OpenMemory::~OpenMemory() {
  for (const std::uintptr_t start : starts_) memory().close(start);
}

void OpenMemory::open(const at::Tensor& tensor) {
  const void* data = tensor.storage().data();
  if (data != nullptr) starts_.push_back(memory().open(data));
}

void watch_for_host_access() {
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSEGV, &action, &earlier_action);
}

}  // namespace stand_in
