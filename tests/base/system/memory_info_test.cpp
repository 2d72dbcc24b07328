#include "base/system/memory_info.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/system/byte_count.h"
#include "support/fake_system.h"
#include "support/soft_limit.h"

namespace styletransfer {
namespace {

constexpr std::uint64_t kMegabyte = 1'000'000;

MemoryLimit tightest(const FakeSystem& system) { return tightest_memory_limit(system.root()); }

/// A v2 group two levels deep, as Slurm creates it.
FakeSystem& in_job(FakeSystem& system) {
  system.mount_v2();
  system.own_group("0::/job_7/step_0\n");
  return system;
}

TEST(MemoryInfo, WithoutOtherLimitsIsWhatTheMachineHasAvailable) {
  FakeSystem system;
  const MemoryLimit limit = tightest(system);
  EXPECT_EQ(limit.kind, MemoryLimit::Kind::kSystem);
  EXPECT_EQ(limit.limit_bytes, std::uint64_t{8000000} * 1024);
  EXPECT_EQ(limit.free_bytes(), std::uint64_t{4000000} * 1024);
  EXPECT_EQ(memory_budget_bytes(limit), 4096000000 - 409600000);
}

TEST(MemoryInfo, OfAnOldKernelCountsTheFileCacheAsAvailable) {
  FakeSystem system;
  system.write("proc/meminfo",
               "MemTotal: 9000 kB\nMemFree: 1000 kB\nActive(file): 30 kB\nInactive(file): 20 kB\n");
  EXPECT_EQ(tightest(system).free_bytes(), 1050U * 1024);
}

TEST(MemoryInfo, WithoutProcIsWhatTheSystemCallSays) {
  FakeSystem system;
  system.write("proc/meminfo", "");
  EXPECT_GT(tightest(system).limit_bytes, 0U);
}

TEST(MemoryInfo, SeesALimitOfTheOwnGroupAndOfItsParents) {
  for (const std::string group : {"job_7/step_0", "job_7"}) {
    SCOPED_TRACE(group);
    FakeSystem system;
    in_job(system);
    if (group == "job_7") system.write("sys/fs/cgroup/job_7/step_0/memory.max", "max\n");
    system.write("sys/fs/cgroup/job_7/step_0/memory.current", "104000000\n");
    system.write("sys/fs/cgroup/" + group + "/memory.max", "600000000\n");
    system.write("sys/fs/cgroup/" + group + "/memory.current", "104000000\n");
    system.write("sys/fs/cgroup/" + group + "/memory.stat",
                 "anon 100000000\ninactive_file 4000000\n");
    const MemoryLimit limit = tightest(system);
    EXPECT_EQ(limit.kind, MemoryLimit::Kind::kCgroup);
    EXPECT_EQ(limit.free_bytes(), 500 * kMegabyte);
    EXPECT_EQ(memory_budget_bytes(limit), 450'000'000);
    EXPECT_EQ(limit.file, system.path("sys/fs/cgroup/" + group + "/memory.max"));
  }
}

TEST(MemoryInfo, TakesTheTightestOfOwnGroupAndParents) {
  FakeSystem system;
  in_job(system);
  system.write("sys/fs/cgroup/job_7/step_0/memory.max", "500000000\n");
  system.write("sys/fs/cgroup/job_7/step_0/memory.current", "100000000\n");
  // Other steps of the job use most of a larger limit.
  system.write("sys/fs/cgroup/job_7/memory.max", "900000000\n");
  system.write("sys/fs/cgroup/job_7/memory.current", "800000000\n");
  EXPECT_EQ(tightest(system).free_bytes(), 100 * kMegabyte);
}

TEST(MemoryInfo, DoesNotCountFileCacheThatTheKernelGivesBack) {
  FakeSystem system;
  system.mount_v2();
  system.own_group("0::/\n");
  system.write("sys/fs/cgroup/memory.max", "2000000000\n");
  system.write("sys/fs/cgroup/memory.current", "2000000000\n");
  system.write(
      "sys/fs/cgroup/memory.stat",
      "anon 100000000\nfile 1900000000\ninactive_file 1500000000\nactive_file 400000000\n");
  EXPECT_EQ(tightest(system).free_bytes(), 1900 * kMegabyte);
}

TEST(MemoryInfo, CountsFilePagesThatAreMappedOrDirtyOrOfTmpfs) {
  FakeSystem system;
  system.mount_v2();
  system.own_group("0::/\n");
  system.write("sys/fs/cgroup/memory.max", "2000000000\n");
  system.write("sys/fs/cgroup/memory.current", "2000000000\n");
  // tmpfs is counted in `file` and `shmem`, but not in the LRU lists of file pages.
  system.write("sys/fs/cgroup/memory.stat",
               "file 1900000000\nshmem 900000000\nfile_mapped 200000000\nfile_dirty 60000000\n"
               "file_writeback 40000000\ninactive_file 700000000\nactive_file 300000000\n"
               "slab_reclaimable 100000000\n");
  EXPECT_EQ(tightest(system).free_bytes(), (1000 - 200 - 60 - 40 + 50) * kMegabyte);
}

TEST(MemoryInfo, CountsAtLeastWhatTheProcessItselfHolds) {
  FakeSystem system;
  system.mount_v2();
  system.own_group("0::/\n");
  system.write("proc/self/statm", "90000 50000 10000 1000 0 60000 0\n");
  system.write("sys/fs/cgroup/memory.max", "1000000000\n");
  system.write("sys/fs/cgroup/memory.current", "5000000\n");
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  EXPECT_EQ(tightest(system).used_bytes, 50000 * page);
}

TEST(MemoryInfo, SeesTheLimitAboveWhichTheKernelSlowsAGroupDown) {
  FakeSystem system;
  system.mount_v2();
  system.own_group("0::/\n");
  system.write("sys/fs/cgroup/memory.max", "900000000\n");
  system.write("sys/fs/cgroup/memory.high", "700000000\n");
  system.write("sys/fs/cgroup/memory.current", "100000000\n");
  EXPECT_EQ(tightest(system).file, system.path("sys/fs/cgroup/memory.high"));
}

TEST(MemoryInfo, SeesLimitsOfVersionOne) {
  FakeSystem system;
  system.mount_v1("memory", "/sys/fs/cgroup/memory");
  system.own_group("4:memory:/job_7/step_0\n0::/\n");
  const std::string own = "sys/fs/cgroup/memory/job_7/step_0/";
  system.write(own + "memory.limit_in_bytes", "9223372036854771712\n");
  system.write(own + "memory.usage_in_bytes", "200000000\n");
  system.write(own + "memory.stat", "hierarchical_memory_limit 9223372036854771712\n");
  system.write("sys/fs/cgroup/memory/job_7/memory.limit_in_bytes", "600000000\n");
  system.write("sys/fs/cgroup/memory/job_7/memory.usage_in_bytes", "500000000\n");
  // Keys without the prefix total_ count the group without its children.
  system.write("sys/fs/cgroup/memory/job_7/memory.stat",
               "inactive_file 1\ntotal_inactive_file 300000000\ntotal_active_file 100000000\n"
               "total_mapped_file 50000000\ntotal_dirty 30000000\ntotal_writeback 20000000\n");
  const MemoryLimit limit = tightest(system);
  EXPECT_EQ(limit.free_bytes(), (600 - 200) * kMegabyte);
  EXPECT_EQ(limit.file, system.path("sys/fs/cgroup/memory/job_7/memory.limit_in_bytes"));
}

TEST(MemoryInfo, OfVersionOneSeesLimitsOfParentsThatAreNotMounted) {
  FakeSystem system;
  system.mount_v1("memory", "/sys/fs/cgroup/memory", "/kubepods/pod1/abc");
  system.own_group("4:memory:/kubepods/pod1/abc\n");
  system.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  system.write("sys/fs/cgroup/memory/memory.usage_in_bytes", "100000000\n");
  system.write("sys/fs/cgroup/memory/memory.stat", "hierarchical_memory_limit 500000000\n");
  EXPECT_EQ(tightest(system).free_bytes(), 400 * kMegabyte);
}

TEST(MemoryInfo, OfVersionOneLeavesOutAParentThatDoesNotLimitItsChildren) {
  FakeSystem system;
  system.mount_v1("memory", "/sys/fs/cgroup/memory");
  system.own_group("4:memory:/a/b\n");
  system.write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "500000000\n");
  system.write("sys/fs/cgroup/memory/a/memory.usage_in_bytes", "100000000\n");
  system.write("sys/fs/cgroup/memory/a/memory.use_hierarchy", "0\n");
  EXPECT_EQ(tightest(system).kind, MemoryLimit::Kind::kSystem);
  system.write("sys/fs/cgroup/memory/a/memory.use_hierarchy", "1\n");
  EXPECT_EQ(tightest(system).free_bytes(), 400 * kMegabyte);
}

TEST(MemoryInfo, OfALimitBeyondTheMachineTakesTheMachines) {
  FakeSystem system;
  system.mount_v2();
  system.own_group("0::/\n");
  system.write("sys/fs/cgroup/memory.max", "64000000000\n");
  system.write("sys/fs/cgroup/memory.current", "100000000\n");
  EXPECT_EQ(tightest(system).kind, MemoryLimit::Kind::kSystem);
}

TEST(MemoryInfo, LeavesTheMachineOutOfTheLimitsThatEndAProcess) {
  FakeSystem system;
  system.mount_v2();
  system.own_group("0::/\n");
  EXPECT_FALSE(tightest_enforced_limit(system.root()));
  system.write("sys/fs/cgroup/memory.max", "64000000000\n");
  system.write("sys/fs/cgroup/memory.current", "100000000\n");
  const auto enforced = tightest_enforced_limit(system.root());
  ASSERT_TRUE(enforced);
  EXPECT_EQ(enforced->limit_bytes, 64'000'000'000U);
}

TEST(MemoryInfo, OfAGroupBeyondItsLimitIsNothing) {
  FakeSystem system;
  system.mount_v2();
  system.own_group("0::/\n");
  system.write("sys/fs/cgroup/memory.max", "100000000\n");
  system.write("sys/fs/cgroup/memory.current", "120000000\n");
  EXPECT_EQ(memory_budget_bytes(tightest(system)), 0);
}

TEST(MemoryInfo, SeesTheLimitsOfTheProcess) {
  struct Case {
    __rlimit_resource_t resource;
    MemoryLimit::Kind kind;
    const char* command;
  };
  for (const Case& expected : {Case{RLIMIT_AS, MemoryLimit::Kind::kAddressSpace, "`ulimit -v`"},
                               Case{RLIMIT_DATA, MemoryLimit::Kind::kDataSegment, "`ulimit -d`"}}) {
    SCOPED_TRACE(expected.command);
    // Far above what this process uses, so that nothing fails while it holds.
    const SoftLimit soft(expected.resource, std::uint64_t{1} << 46);
    const std::vector<MemoryLimit> limits = memory_limits();
    const auto found = std::find_if(limits.begin(), limits.end(), [&](const MemoryLimit& limit) {
      return limit.kind == expected.kind;
    });
    ASSERT_NE(found, limits.end());
    EXPECT_EQ(found->limit_bytes, std::uint64_t{1} << 46);
    EXPECT_GT(found->used_bytes, 0U);
    EXPECT_NE(memory_limit_remedy(*found).find(expected.command), std::string::npos);
    ASSERT_TRUE(tightest_enforced_limit());
    EXPECT_LE(tightest_enforced_limit()->free_bytes(), found->free_bytes());
  }
}

TEST(MemoryText, ChoosesTheUnitBySize) {
  using detail::memory_text;
  EXPECT_EQ(memory_text(3'430'000'000), "3.4 GB");
  EXPECT_EQ(memory_text(812'400'000), "812 MB");
  EXPECT_EQ(memory_text(1'000'000), "1 MB");
  EXPECT_EQ(memory_text(406'000), "406 KB");
  EXPECT_EQ(memory_text(12), "12 bytes");
  EXPECT_EQ(memory_text(-5), "0 bytes");
}

}  // namespace
}  // namespace styletransfer
