#include "device/thread_start.h"

#include <gtest/gtest.h>

#include <string>

#include "styletransfer/error.h"
#include "support/soft_limit.h"

namespace styletransfer::detail {
namespace {

TEST(StackSize, IsReadAsOpenMpReadsIt) {
  EXPECT_EQ(parse_stack_size("512"), 512 << 10);
  EXPECT_EQ(parse_stack_size("100B"), 100);
  EXPECT_EQ(parse_stack_size(" 16 m "), 16 << 20);
  EXPECT_EQ(parse_stack_size("2G"), std::int64_t{2} << 30);
  for (const char* text : {"", "M", "big", "-3M", "1.5M", "3X"}) {
    EXPECT_EQ(parse_stack_size(text), 0) << text;
  }
}

TEST(ThreadStart, CountsAStackForEachThread) {
  EXPECT_EQ(thread_stack_bytes(0), 0);
  EXPECT_GT(thread_stack_bytes(1), 0);
  EXPECT_EQ(thread_stack_bytes(7), 7 * thread_stack_bytes(1));
}

TEST(ThreadStart, AcceptsWhatTheSystemStarts) {
  EXPECT_NO_THROW(require_threads(0));
  EXPECT_NO_THROW(require_threads(3));
}

TEST(ThreadStart, RefusesStacksThatTheAddressSpaceDoesNotHold) {
  constexpr int kThreads = 1000;
  const auto room =
      static_cast<std::uint64_t>(thread_stack_bytes(kThreads) / 2 + kSmallestRunBytes);
  const SoftLimit limit(RLIMIT_AS, address_space_in_use() + room);
  try {
    require_threads(kThreads);
    FAIL() << "accepted";
  } catch (const UsageError& error) {
    const std::string message = error.what();
    for (const char* part : {"(ulimit -v)", "the stacks of 1000 more threads", "raise `ulimit -v`",
                             "or lower threads"}) {
      EXPECT_NE(message.find(part), std::string::npos) << message;
    }
  }
  EXPECT_NO_THROW(require_threads(1));
}

TEST(ThreadStart, NamesTheLimitOfProcessesWhereMemoryIsNotTheCause) {
  EXPECT_NE(no_thread_message(1).text().find("1 more thread cannot be started"), std::string::npos);
  EXPECT_NE(no_thread_message(1).text().find("`ulimit -u`"), std::string::npos);
}

}  // namespace
}  // namespace styletransfer::detail
