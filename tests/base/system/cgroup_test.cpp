#include "base/system/cgroup.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/fake_system.h"

namespace styletransfer {
namespace {

/// The directories without the fake root.
std::vector<std::string> directories(const FakeSystem& system, const std::string& controller,
                                     CgroupVersion version) {
  std::vector<std::string> names;
  for (const Cgroup& group : own_cgroups(controller, system.root())) {
    if (group.version != version) continue;
    names.push_back(group.directory.string().substr(system.root().string().size()));
  }
  return names;
}

std::vector<std::string> v2(const FakeSystem& system) {
  return directories(system, "memory", CgroupVersion::kV2);
}

using Names = std::vector<std::string>;

TEST(OwnCgroups, AreTheOwnGroupAndItsParentsFromTheInsideOut) {
  FakeSystem system;
  system.mount_v2();
  system.own_group("0::/user.slice/user-7.slice/session-2.scope\n");
  EXPECT_EQ(v2(system), (Names{"/sys/fs/cgroup/user.slice/user-7.slice/session-2.scope",
                               "/sys/fs/cgroup/user.slice/user-7.slice",
                               "/sys/fs/cgroup/user.slice", "/sys/fs/cgroup"}));
  const std::vector<Cgroup> groups = own_cgroups("memory", system.root());
  EXPECT_TRUE(groups[0].is_own);
  EXPECT_FALSE(groups[1].is_own);
}

TEST(OwnCgroups, BeginAtTheMountInANamespaceOfTheirOwn) {
  FakeSystem system;
  system.mount_v2();
  system.own_group("0::/\n");
  EXPECT_EQ(v2(system), Names{"/sys/fs/cgroup"});
}

TEST(OwnCgroups, AreFoundWhereOnlyAPartOfTheHierarchyIsMounted) {
  // Docker with cgroup v1: the container's own group is mounted, and named from the host's root.
  FakeSystem system;
  system.mount_v1("memory", "/sys/fs/cgroup/memory", "/docker/abc");
  system.own_group("4:memory:/docker/abc/worker\n0::/\n");
  EXPECT_EQ(directories(system, "memory", CgroupVersion::kV1),
            (Names{"/sys/fs/cgroup/memory/worker", "/sys/fs/cgroup/memory"}));
}

TEST(OwnCgroups, OfAnotherPartThanTheMountedOneAreTheMount) {
  FakeSystem system;
  system.mount_v1("memory", "/sys/fs/cgroup/memory", "/docker/abc");
  system.own_group("4:memory:/system.slice/x\n");
  EXPECT_EQ(directories(system, "memory", CgroupVersion::kV1), Names{"/sys/fs/cgroup/memory"});
}

TEST(OwnCgroups, OfANamespaceInsideTheHostsMountAreFoundByTheirProcesses) {
  // `unshare -C` without a mount of its own: the mount's root is above the namespace's.
  FakeSystem system;
  system.mount_v2("/sys/fs/cgroup", "/../..");
  system.own_group("0::/step_0\n");
  system.write("sys/fs/cgroup/jobs/job_6/step_0/cgroup.procs", "12\n13\n");
  system.write("sys/fs/cgroup/jobs/job_7/step_0/cgroup.procs", "12\n4711\n");
  EXPECT_EQ(v2(system), (Names{"/sys/fs/cgroup/jobs/job_7/step_0", "/sys/fs/cgroup/jobs/job_7",
                               "/sys/fs/cgroup/jobs", "/sys/fs/cgroup"}));
}

TEST(OwnCgroups, BesideTheNamespaceAreFoundFromTheMountAboveBoth) {
  FakeSystem system;
  system.mount_v2("/sys/fs/cgroup", "/..");
  system.own_group("0::/../step_1\n");
  EXPECT_EQ(v2(system), (Names{"/sys/fs/cgroup/step_1", "/sys/fs/cgroup"}));
}

TEST(OwnCgroups, OfBothVersionsSideBySide) {
  FakeSystem system;
  system.mount_v1("cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct");
  system.mount_v1("memory", "/sys/fs/cgroup/memory");
  system.mount_v2("/sys/fs/cgroup/unified");
  system.own_group("7:cpu,cpuacct:/quota\n4:memory:/limit\n1:name=systemd:/other\n0::/two\n");
  EXPECT_EQ(directories(system, "memory", CgroupVersion::kV1),
            (Names{"/sys/fs/cgroup/memory/limit", "/sys/fs/cgroup/memory"}));
  EXPECT_EQ(directories(system, "cpu", CgroupVersion::kV1)[0], "/sys/fs/cgroup/cpu,cpuacct/quota");
  EXPECT_EQ(v2(system)[0], "/sys/fs/cgroup/unified/two");
}

TEST(OwnCgroups, AreReadWhereMountPointsAndNamesHoldBlanksAndColons) {
  FakeSystem system;
  system.mount_v2("/my\\040groups");
  system.own_group("0::/a:b c\n");
  EXPECT_EQ(v2(system)[0], "/my groups/a:b c");
}

TEST(OwnCgroups, AreSearchedInTheUsualPlaceWithoutMountinfo) {
  FakeSystem system;
  system.own_group("0::/job_7\n");
  EXPECT_EQ(v2(system), (Names{"/sys/fs/cgroup/job_7", "/sys/fs/cgroup"}));
}

TEST(OwnCgroups, WithoutAnyFileAreTheUsualRoot) {
  FakeSystem system;
  EXPECT_EQ(v2(system), Names{"/sys/fs/cgroup"});
  EXPECT_TRUE(directories(system, "memory", CgroupVersion::kV1).empty());
}

}  // namespace
}  // namespace styletransfer
