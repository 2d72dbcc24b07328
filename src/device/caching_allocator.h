// Caching allocator for CPU tensors.
//
// Blocks come from one reserved address range that is backed by huge pages, and are reused between
// iterations. malloc would return large blocks to the system after every iteration and fault them
// in again in small pages. Measured: iterations are 8 % faster at 512 px, and more above that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace styletransfer::detail {

/// Best-fit allocator in a reserved range; adjacent free blocks are merged. Thread-safe.
class CachingAllocator {
 public:
  /// Reserves addresses only; the system provides memory when a block is first written to.
  /// Check is_reserved() afterwards: with strict system limits the reservation fails.
  explicit CachingAllocator(std::size_t reserved_bytes);
  ~CachingAllocator();
  CachingAllocator(const CachingAllocator&) = delete;
  CachingAllocator& operator=(const CachingAllocator&) = delete;

  [[nodiscard]] bool is_reserved() const { return base_ != nullptr; }
  /// True if the pointer is inside the reserved range.
  [[nodiscard]] bool holds(const void* pointer) const;

  /// Returns a block aligned to 64 bytes, or null if the range is exhausted.
  [[nodiscard]] void* allocate(std::size_t bytes);
  /// Size of a block in use: the requested bytes, rounded up to a multiple of 64.
  [[nodiscard]] std::size_t size_of(const void* pointer) const;
  void release(void* pointer);

  /// Returns the memory of free blocks to the system. Their addresses stay reserved; the next use
  /// faults in zeroed pages.
  void release_free();

  [[nodiscard]] std::size_t bytes_in_use() const;
  /// Maximum of bytes_in_use() since the last reset_peak().
  [[nodiscard]] std::size_t peak_bytes_in_use() const;
  void reset_peak();

 private:
  using Offset = std::size_t;

  void insert_free(Offset offset, std::size_t size);
  void erase_free(std::map<Offset, std::size_t>::iterator block);

  mutable std::mutex mutex_;
  char* base_ = nullptr;
  std::size_t reserved_;
  Offset top_ = 0;  // addresses from here on have never been used
  std::map<Offset, std::size_t> free_by_offset_;
  std::set<std::pair<std::size_t, Offset>> free_by_size_;
  std::map<Offset, std::size_t> used_;
  std::size_t in_use_ = 0;
  std::size_t peak_ = 0;
};

/// The allocator of this process's CPU tensors; see install_tensor_allocator.
[[nodiscard]] CachingAllocator& tensor_allocator();

/// Limits allocations of the current thread for the life of the object: an allocation that would
/// raise tensor_allocator()'s bytes in use to more than `bytes` above their value at construction
/// throws std::bad_alloc. At most one per thread at a time.
class AllocatorLimit {
 public:
  explicit AllocatorLimit(std::int64_t bytes);
  ~AllocatorLimit();
  AllocatorLimit(const AllocatorLimit&) = delete;
  AllocatorLimit& operator=(const AllocatorLimit&) = delete;
};

/// Makes LibTorch allocate CPU tensors of 64 KB or more from tensor_allocator(). Call once per
/// process, before heavy work. Does nothing if addresses cannot be reserved, or under
/// AddressSanitizer, which has to see every allocation.
void install_tensor_allocator();

}  // namespace styletransfer::detail
