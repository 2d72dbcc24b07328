#include "base/system/processors.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <string>

#include "support/fake_system.h"

namespace styletransfer {
namespace {

/// Processors in this machine's affinity mask: in a fake /sys each is a separate core.
cpu_set_t allowed_set() {
  cpu_set_t set;
  CPU_ZERO(&set);
  ::sched_getaffinity(0, sizeof(set), &set);
  return set;
}

int allowed_processors() {
  const cpu_set_t set = allowed_set();
  return CPU_COUNT(&set);
}

FakeSystem& in_job(FakeSystem& system) {
  system.mount_v2();
  system.own_group("0::/job_7/step_0\n");
  return system;
}

TEST(ProcessorLimit, WithoutAQuotaIsTheAffinity) {
  FakeSystem system;
  in_job(system);
  system.write("sys/fs/cgroup/job_7/cpu.max", "max 100000\n");
  EXPECT_EQ(processor_limit(system.root()).threads, allowed_processors());
}

TEST(ProcessorLimit, CountsTwoThreadsOfOneCoreOnce) {
  FakeSystem system;
  const cpu_set_t allowed = allowed_set();
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    system.write(
        "sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/thread_siblings_list",
        "0-1023\n");
  }
  EXPECT_EQ(processor_limit(system.root()).threads, 1);
}

TEST(ProcessorLimit, RoundsAQuotaDownToAtLeastOne) {
  if (allowed_processors() < 2) GTEST_SKIP() << "one processor is allowed";
  for (const std::string quota : {"190000 100000", "100000 100000", "20000 100000"}) {
    SCOPED_TRACE(quota);
    FakeSystem system;
    in_job(system);
    system.write("sys/fs/cgroup/job_7/step_0/cpu.max", "max 100000\n");
    system.write("sys/fs/cgroup/job_7/cpu.max", quota + "\n");
    const ProcessorLimit limit = processor_limit(system.root());
    EXPECT_EQ(limit.threads, 1);
    EXPECT_NE(limit.reason.find("job_7/cpu.max"), std::string::npos) << limit.reason;
  }
}

TEST(ProcessorLimit, IsNeverMoreThanTheAffinity) {
  FakeSystem system;
  in_job(system);
  system.write("sys/fs/cgroup/job_7/cpu.max", "900000000 100000\n");
  EXPECT_EQ(processor_limit(system.root()).threads, allowed_processors());
}

TEST(ProcessorLimit, SeesQuotasOfVersionOne) {
  FakeSystem system;
  system.mount_v1("cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct");
  system.own_group("4:cpu,cpuacct:/job_7/step_0\n");
  const std::string folder = "sys/fs/cgroup/cpu,cpuacct/";
  system.write(folder + "job_7/step_0/cpu.cfs_quota_us", "-1\n");
  system.write(folder + "job_7/step_0/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(processor_limit(system.root()).threads, allowed_processors());
  system.write(folder + "job_7/cpu.cfs_quota_us", "50000\n");
  system.write(folder + "job_7/cpu.cfs_period_us", "50000\n");
  EXPECT_EQ(processor_limit(system.root()).threads, 1);
}

}  // namespace
}  // namespace styletransfer
