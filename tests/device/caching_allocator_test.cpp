#include "device/caching_allocator.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace styletransfer::detail {
namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20;

TEST(CachingAllocator, GivesAlignedBlocksThatDoNotOverlap) {
  CachingAllocator arena(64 * kMegabyte);
  ASSERT_TRUE(arena.is_reserved());
  std::vector<char*> blocks;
  for (int i = 0; i < 8; ++i) {
    blocks.push_back(static_cast<char*>(arena.allocate(kMegabyte + 1)));
    ASSERT_NE(blocks.back(), nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(blocks.back()) % 64, 0U);
    std::memset(blocks.back(), i, kMegabyte + 1);
  }
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(blocks[static_cast<std::size_t>(i)][0], i);
    EXPECT_EQ(blocks[static_cast<std::size_t>(i)][kMegabyte], i);
  }
}

TEST(CachingAllocator, JoinsFreedNeighborsIntoOneBlock) {
  CachingAllocator arena(64 * kMegabyte);
  void* first = arena.allocate(kMegabyte);
  void* second = arena.allocate(kMegabyte);
  void* third = arena.allocate(kMegabyte);
  void* guard = arena.allocate(kMegabyte);
  arena.release(first);
  arena.release(third);
  arena.release(second);
  EXPECT_EQ(arena.allocate(3 * kMegabyte), first);
  arena.release(guard);
}

TEST(CachingAllocator, TakesTheSmallestFreeBlockThatFits) {
  CachingAllocator arena(64 * kMegabyte);
  void* large = arena.allocate(4 * kMegabyte);
  void* wall = arena.allocate(kMegabyte);
  void* small = arena.allocate(2 * kMegabyte);
  void* end = arena.allocate(kMegabyte);
  arena.release(large);
  arena.release(small);
  EXPECT_EQ(arena.allocate(2 * kMegabyte), small);
  arena.release(wall);
  arena.release(end);
}

TEST(CachingAllocator, RefusesWhatItsRangeCannotHold) {
  CachingAllocator arena(4 * kMegabyte);
  EXPECT_EQ(arena.allocate(5 * kMegabyte), nullptr);
  EXPECT_NE(arena.allocate(3 * kMegabyte), nullptr);
  EXPECT_EQ(arena.allocate(2 * kMegabyte), nullptr);
}

TEST(CachingAllocator, CountsWhatIsInUseAndItsPeak) {
  CachingAllocator arena(64 * kMegabyte);
  void* block = arena.allocate(2 * kMegabyte);
  arena.release(arena.allocate(kMegabyte));
  EXPECT_EQ(arena.bytes_in_use(), 2 * kMegabyte);
  EXPECT_EQ(arena.peak_bytes_in_use(), 3 * kMegabyte);
  arena.reset_peak();
  EXPECT_EQ(arena.peak_bytes_in_use(), 2 * kMegabyte);
  arena.release(block);
  EXPECT_EQ(arena.bytes_in_use(), 0U);
}

TEST(CachingAllocator, ReturnsTheMemoryOfFreeBlocksAndPreservesTheOthers) {
  CachingAllocator arena(64 * kMegabyte);
  auto* freed = static_cast<char*>(arena.allocate(16 * kMegabyte));
  auto* kept = static_cast<char*>(arena.allocate(16 * kMegabyte));
  std::memset(freed, 1, 16 * kMegabyte);
  std::memset(kept, 2, 16 * kMegabyte);
  arena.release(freed);
  arena.release_free();
  EXPECT_EQ(kept[0], 2);
  EXPECT_EQ(kept[16 * kMegabyte - 1], 2);
  auto* again = static_cast<char*>(arena.allocate(16 * kMegabyte));
  ASSERT_EQ(again, freed);
  // Pages that the system provides again are zero.
  EXPECT_EQ(again[8 * kMegabyte], 0);
}

}  // namespace
}  // namespace styletransfer::detail
