#include "detail/arena.h"

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
// Smaller tensors are left to the system's allocator, which is good at them.
constexpr std::size_t kSmallestBytes = std::size_t{64} << 10;
// Addresses, not memory.
constexpr std::size_t kReservedBytes = std::size_t{1} << 40;

// Of bytes in use in the arena, for blocks that this thread asks for.
thread_local std::size_t thread_limit_bytes = std::numeric_limits<std::size_t>::max();

std::size_t rounded_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

#if !defined(__SANITIZE_ADDRESS__)

/// To whoever counts this thread's memory by LibTorch's means, as its own allocator tells it.
void tell(void* pointer, int sign) {
  if (pointer == nullptr || !c10::memoryProfilingEnabled()) return;
  const std::size_t bytes =
      tensor_arena().holds(pointer) ? tensor_arena().size_of(pointer) : malloc_usable_size(pointer);
  c10::reportMemoryUsageToProfiler(pointer, sign * static_cast<std::int64_t>(bytes), 0, 0,
                                   c10::Device(c10::kCPU));
}

void release_block(void* pointer) {
  tell(pointer, -1);
  if (tensor_arena().holds(pointer)) {
    tensor_arena().release(pointer);
  } else {
    c10::free_cpu(pointer);
  }
}

/// The arena's addresses are reserved: a limit on the process's addresses does not reach them.
void refuse_beyond_limit(std::size_t bytes) {
  if (thread_limit_bytes == std::numeric_limits<std::size_t>::max()) return;
  const std::size_t in_use = tensor_arena().bytes_in_use();
  if (in_use > thread_limit_bytes || bytes > thread_limit_bytes - in_use) throw std::bad_alloc();
}

class ArenaAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(std::size_t bytes) override {
    refuse_beyond_limit(bytes);
    void* pointer = bytes >= kSmallestBytes ? tensor_arena().allocate(bytes) : nullptr;
    if (pointer == nullptr && bytes > 0) pointer = c10::alloc_cpu(bytes);
    tell(pointer, 1);
    return {pointer, pointer, &release_block, c10::Device(c10::kCPU)};
  }
  [[nodiscard]] c10::DeleterFnPtr raw_deleter() const override { return &release_block; }
  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    std::memcpy(to, from, bytes);
  }
};

#endif

}  // namespace

Arena::Arena(std::size_t reserved_bytes) : reserved_(reserved_bytes) {
  void* range = mmap(nullptr, reserved_ + kHugePage, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range == MAP_FAILED) return;
  base_ = static_cast<char*>(range);
  // Where huge pages are off this changes nothing.
  madvise(base_, reserved_ + kHugePage, MADV_HUGEPAGE);
}

Arena::~Arena() {
  if (base_ != nullptr) munmap(base_, reserved_ + kHugePage);
}

bool Arena::holds(const void* pointer) const {
  const auto* address = static_cast<const char*>(pointer);
  return base_ != nullptr && address >= base_ && address < base_ + reserved_;
}

void Arena::insert_free(Offset offset, std::size_t size) {
  free_by_offset_.emplace(offset, size);
  free_by_size_.emplace(size, offset);
}

void Arena::erase_free(std::map<Offset, std::size_t>::iterator block) {
  free_by_size_.erase({block->second, block->first});
  free_by_offset_.erase(block);
}

void* Arena::allocate(std::size_t bytes) {
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
    // A free block at the very top grows instead of leaving a hole.
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

std::size_t Arena::size_of(const void* pointer) const {
  const std::lock_guard lock(mutex_);
  return used_.at(static_cast<Offset>(static_cast<const char*>(pointer) - base_));
}

void Arena::release(void* pointer) {
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

void Arena::give_back_free() {
  const std::lock_guard lock(mutex_);
  if (base_ == nullptr) return;
  for (const auto& [offset, size] : free_by_offset_) {
    // Whole huge pages only: parts of them would be split.
    const std::size_t before_base = reinterpret_cast<std::uintptr_t>(base_) % kHugePage;
    const std::size_t first = rounded_up(before_base + offset, kHugePage);
    const std::size_t end = (before_base + offset + size) / kHugePage * kHugePage;
    if (first < end) madvise(base_ + (first - before_base), end - first, MADV_DONTNEED);
  }
}

std::size_t Arena::bytes_in_use() const {
  const std::lock_guard lock(mutex_);
  return in_use_;
}

std::size_t Arena::peak_bytes_in_use() const {
  const std::lock_guard lock(mutex_);
  return peak_;
}

void Arena::reset_peak() {
  const std::lock_guard lock(mutex_);
  peak_ = in_use_;
}

Arena& tensor_arena() {
  // Never destroyed: tensors in static storage may outlive any order of destruction.
  static Arena* arena = new Arena(kReservedBytes);
  return *arena;
}

ArenaLimit::ArenaLimit(std::int64_t bytes) {
  thread_limit_bytes = tensor_arena().bytes_in_use() + static_cast<std::size_t>(bytes);
}

ArenaLimit::~ArenaLimit() { thread_limit_bytes = std::numeric_limits<std::size_t>::max(); }

void install_tensor_arena() {
#if !defined(__SANITIZE_ADDRESS__)
  if (!tensor_arena().is_reserved()) return;
  static ArenaAllocator allocator;
  c10::SetCPUAllocator(&allocator, /*priority=*/1);
#endif
}

}  // namespace styletransfer::detail
