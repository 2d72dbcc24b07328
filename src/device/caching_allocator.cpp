#include "device/caching_allocator.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <malloc.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <new>

namespace styletransfer::detail {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;
// Smaller tensors come from malloc, which handles them well.
constexpr std::size_t kSmallestBytes = std::size_t{64} << 10;
// 1 TB of addresses, not of memory.
constexpr std::size_t kReservedBytes = std::size_t{1} << 40;

// Maximum of bytes_in_use() that an allocation of this thread may cause (AllocatorLimit).
thread_local std::size_t thread_limit_bytes = std::numeric_limits<std::size_t>::max();

std::size_t rounded_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

#if !defined(__SANITIZE_ADDRESS__)

/// Reports an allocation (sign 1) or release (-1) to LibTorch's memory profiler, as LibTorch's own
/// allocator does.
void report_to_profiler(void* pointer, int sign) {
  if (pointer == nullptr || !c10::memoryProfilingEnabled()) return;
  const std::size_t bytes = tensor_allocator().holds(pointer) ? tensor_allocator().size_of(pointer)
                                                              : malloc_usable_size(pointer);
  c10::reportMemoryUsageToProfiler(pointer, sign * static_cast<std::int64_t>(bytes), 0, 0,
                                   c10::Device(c10::kCPU));
}

void release_block(void* pointer) {
  report_to_profiler(pointer, -1);
  if (tensor_allocator().holds(pointer)) {
    tensor_allocator().release(pointer);
  } else {
    c10::free_cpu(pointer);
  }
}

/// Enforces AllocatorLimit. A limit on the address space (RLIMIT_AS) would have no effect, since
/// the range is reserved already.
void refuse_beyond_limit(std::size_t bytes) {
  if (thread_limit_bytes == std::numeric_limits<std::size_t>::max()) return;
  const std::size_t in_use = tensor_allocator().bytes_in_use();
  if (in_use > thread_limit_bytes || bytes > thread_limit_bytes - in_use) throw std::bad_alloc();
}

class TensorAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(std::size_t bytes) override {
    refuse_beyond_limit(bytes);
    void* pointer = bytes >= kSmallestBytes ? tensor_allocator().allocate(bytes) : nullptr;
    if (pointer == nullptr && bytes > 0) pointer = c10::alloc_cpu(bytes);
    report_to_profiler(pointer, 1);
    return {pointer, pointer, &release_block, c10::Device(c10::kCPU)};
  }
  [[nodiscard]] c10::DeleterFnPtr raw_deleter() const override { return &release_block; }
  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    std::memcpy(to, from, bytes);
  }
};

#endif

}  // namespace

CachingAllocator::CachingAllocator(std::size_t reserved_bytes) : reserved_(reserved_bytes) {
  void* range = mmap(nullptr, reserved_ + kHugePage, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range == MAP_FAILED) return;
  base_ = static_cast<char*>(range);
  // No effect if transparent huge pages are disabled.
  madvise(base_, reserved_ + kHugePage, MADV_HUGEPAGE);
}

CachingAllocator::~CachingAllocator() {
  if (base_ != nullptr) munmap(base_, reserved_ + kHugePage);
}

bool CachingAllocator::holds(const void* pointer) const {
  const auto* address = static_cast<const char*>(pointer);
  return base_ != nullptr && address >= base_ && address < base_ + reserved_;
}

void CachingAllocator::insert_free(Offset offset, std::size_t size) {
  free_by_offset_.emplace(offset, size);
  free_by_size_.emplace(size, offset);
}

void CachingAllocator::erase_free(std::map<Offset, std::size_t>::iterator block) {
  free_by_size_.erase({block->second, block->first});
  free_by_offset_.erase(block);
}

void* CachingAllocator::allocate(std::size_t bytes) {
  const std::size_t size = rounded_up(std::max<std::size_t>(bytes, 1), kAlignment);
  const std::lock_guard lock(mutex_);
  if (base_ == nullptr) return nullptr;
  Offset offset = top_;
  const auto fitting = free_by_size_.lower_bound({size, 0});
  if (fitting != free_by_size_.end()) {
    const auto [found_size, found_offset] = *fitting;
    offset = found_offset;
    erase_free(free_by_offset_.find(found_offset));
    if (found_size > size) insert_free(offset + size, found_size - size);
  } else {
    // If the topmost block is free but too small, extends it instead of leaving a hole.
    if (!free_by_offset_.empty()) {
      const auto last = std::prev(free_by_offset_.end());
      if (last->first + last->second == top_) {
        offset = last->first;
        erase_free(last);
      }
    }
    if (offset + size > reserved_) return nullptr;
    top_ = offset + size;
  }
  used_.emplace(offset, size);
  in_use_ += size;
  peak_ = std::max(peak_, in_use_);
  return base_ + offset;
}

std::size_t CachingAllocator::size_of(const void* pointer) const {
  const std::lock_guard lock(mutex_);
  return used_.at(static_cast<Offset>(static_cast<const char*>(pointer) - base_));
}

void CachingAllocator::release(void* pointer) {
  const std::lock_guard lock(mutex_);
  auto offset = static_cast<Offset>(static_cast<char*>(pointer) - base_);
  const auto block = used_.find(offset);
  std::size_t size = block->second;
  in_use_ -= size;
  used_.erase(block);
  const auto after = free_by_offset_.find(offset + size);
  if (after != free_by_offset_.end()) {
    size += after->second;
    erase_free(after);
  }
  const auto next = free_by_offset_.lower_bound(offset);
  if (next != free_by_offset_.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second == offset) {
      offset = before->first;
      size += before->second;
      erase_free(before);
    }
  }
  insert_free(offset, size);
}

void CachingAllocator::release_free() {
  const std::lock_guard lock(mutex_);
  if (base_ == nullptr) return;
  for (const auto& [offset, size] : free_by_offset_) {
    // Only whole huge pages: returning a part of one would split it into small pages.
    const std::size_t before_base = reinterpret_cast<std::uintptr_t>(base_) % kHugePage;
    const std::size_t first = rounded_up(before_base + offset, kHugePage);
    const std::size_t end = (before_base + offset + size) / kHugePage * kHugePage;
    if (first < end) madvise(base_ + (first - before_base), end - first, MADV_DONTNEED);
  }
}

std::size_t CachingAllocator::bytes_in_use() const {
  const std::lock_guard lock(mutex_);
  return in_use_;
}

std::size_t CachingAllocator::peak_bytes_in_use() const {
  const std::lock_guard lock(mutex_);
  return peak_;
}

void CachingAllocator::reset_peak() {
  const std::lock_guard lock(mutex_);
  peak_ = in_use_;
}

CachingAllocator& tensor_allocator() {
  // Never destroyed: tensors with static storage duration may be released after it otherwise.
  static CachingAllocator* allocator = new CachingAllocator(kReservedBytes);
  return *allocator;
}

AllocatorLimit::AllocatorLimit(std::int64_t bytes) {
  thread_limit_bytes = tensor_allocator().bytes_in_use() + static_cast<std::size_t>(bytes);
}

AllocatorLimit::~AllocatorLimit() { thread_limit_bytes = std::numeric_limits<std::size_t>::max(); }

void install_tensor_allocator() {
#if !defined(__SANITIZE_ADDRESS__)
  if (!tensor_allocator().is_reserved()) return;
  static TensorAllocator allocator;
  c10::SetCPUAllocator(&allocator, /*priority=*/1);
#endif
}

}  // namespace styletransfer::detail
