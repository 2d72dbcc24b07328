#include "serialization/sandbox.h"

#include <ATen/Version.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <memory>

namespace styletransfer::detail {
namespace {

// Constants of Landlock (linux/landlock.h), since older headers lack them. The system call numbers
// are the same on all architectures.
constexpr long kCreateRuleset = 444;
constexpr long kAddRule = 445;
constexpr long kRestrictSelf = 446;
constexpr std::uint32_t kAskVersion = 1;
constexpr int kRulePathBeneath = 1;
constexpr std::uint64_t kReadFile = 1U << 2;
constexpr std::uint64_t kReadFolder = 1U << 3;

struct Ruleset {
  std::uint64_t files;
  std::uint64_t network;
};
struct [[gnu::packed]] PathRule {
  std::uint64_t allowed;
  std::int32_t folder;
};

/// All file access rights that this version of the interface knows.
std::uint64_t all_file_rights(int version) {
  // Version 1 has 13; later ones added moving between folders (2), truncating (3), device control
  // (5).
  const int count = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
  return (std::uint64_t{1} << static_cast<unsigned>(count)) - 1;
}

void allow_reading(int ruleset, const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_PATH | O_CLOEXEC);
  if (descriptor < 0) return;
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(folder, ignored);
  const PathRule rule{is_folder ? kReadFile | kReadFolder : kReadFile, descriptor};
  ::syscall(kAddRule, ruleset, kRulePathBeneath, &rule, 0);
  ::close(descriptor);
}

bool give_up_privileges() { return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0; }

struct ReleaseFilter {
  void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, ReleaseFilter>;

// Memory, threads, clocks, machine information; reading files that Landlock allows to be opened.
constexpr std::array kAllowedCalls{SCMP_SYS(mmap),
                                   SCMP_SYS(munmap),
                                   SCMP_SYS(mremap),
                                   SCMP_SYS(mprotect),
                                   SCMP_SYS(madvise),
                                   SCMP_SYS(brk),
                                   SCMP_SYS(futex),
                                   SCMP_SYS(sched_yield),
                                   SCMP_SYS(sched_getaffinity),
                                   SCMP_SYS(sched_setaffinity),
                                   SCMP_SYS(sched_getparam),
                                   SCMP_SYS(sched_getscheduler),
                                   SCMP_SYS(getcpu),
                                   SCMP_SYS(set_robust_list),
                                   SCMP_SYS(rseq),
                                   SCMP_SYS(exit),
                                   SCMP_SYS(exit_group),
                                   SCMP_SYS(gettid),
                                   SCMP_SYS(getpid),
                                   SCMP_SYS(tgkill),
                                   SCMP_SYS(rt_sigprocmask),
                                   SCMP_SYS(rt_sigreturn),
                                   SCMP_SYS(rt_sigaction),
                                   SCMP_SYS(sigaltstack),
                                   SCMP_SYS(restart_syscall),
                                   SCMP_SYS(clock_gettime),
                                   SCMP_SYS(clock_getres),
                                   SCMP_SYS(clock_nanosleep),
                                   SCMP_SYS(nanosleep),
                                   SCMP_SYS(gettimeofday),
                                   SCMP_SYS(getrandom),
                                   SCMP_SYS(getrusage),
                                   SCMP_SYS(sysinfo),
                                   SCMP_SYS(uname),
                                   SCMP_SYS(membarrier),
                                   SCMP_SYS(arch_prctl),
                                   SCMP_SYS(read),
                                   SCMP_SYS(pread64),
                                   SCMP_SYS(close),
                                   SCMP_SYS(fstat),
                                   SCMP_SYS(newfstatat),
                                   SCMP_SYS(stat),
                                   SCMP_SYS(lstat),
                                   SCMP_SYS(statx),
                                   SCMP_SYS(access),
                                   SCMP_SYS(faccessat),
                                   SCMP_SYS(faccessat2),
                                   SCMP_SYS(readlink),
                                   SCMP_SYS(readlinkat),
                                   SCMP_SYS(lseek),
                                   SCMP_SYS(getdents64),
                                   SCMP_SYS(getcwd),
                                   SCMP_SYS(get_mempolicy)};

constexpr auto kWriting = static_cast<scmp_datum_t>(O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND |
                                                    (O_TMPFILE & ~O_DIRECTORY));

/// Adds the rules to a filter. Returns 0, or the first error. Calls that this architecture does not
/// have (negative numbers) are skipped.
int add_rules(void* filter) {
  int failed = 0;
  const auto keep = [&](int result) {
    if (result != 0 && failed == 0) failed = result;
  };
  for (const int call : kAllowedCalls) {
    if (call >= 0) keep(seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0));
  }
  keep(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                        SCMP_A2(SCMP_CMP_MASKED_EQ, kWriting, 0)));
  if (SCMP_SYS(open) >= 0) {
    keep(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(open), 1,
                          SCMP_A1(SCMP_CMP_MASKED_EQ, kWriting, 0)));
  }
  // Limits may be queried but not set.
  keep(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A2(SCMP_CMP_EQ, 0)));
  // Error messages of the C and C++ libraries.
  keep(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
                        SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO)));
  // Threads but no processes. clone3 passes its flags in memory, where a filter cannot read them;
  // with ENOSYS the C library falls back to clone.
  keep(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0));
  keep(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                        SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)));
  return failed;
}

/// Folder of the shared library that contains an address.
std::string folder_of(const void* address) {
  Dl_info info = {};
  if (::dladdr(address, &info) == 0 || info.dli_fname == nullptr) return "";
  std::error_code ignored;
  return std::filesystem::canonical(info.dli_fname, ignored).parent_path().string();
}

std::int64_t address_space_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t pages = 0;
  statm >> pages;
  return pages * ::sysconf(_SC_PAGESIZE);
}

}  // namespace

int restrict_files(const std::vector<std::string>& read_only) {
  const long version = ::syscall(kCreateRuleset, nullptr, 0, kAskVersion);
  if (version < 1) return 0;
  // Rights 1 and 2: bind and connect to TCP ports. No rule grants them.
  const Ruleset rules{all_file_rights(static_cast<int>(version)), version >= 4 ? 3U : 0U};
  const std::size_t bytes = version >= 4 ? sizeof(Ruleset) : sizeof(Ruleset::files);
  const auto ruleset = static_cast<int>(::syscall(kCreateRuleset, &rules, bytes, 0));
  if (ruleset < 0) return 0;
  for (const std::string& folder : read_only) allow_reading(ruleset, folder);
  const bool holds = give_up_privileges() && ::syscall(kRestrictSelf, ruleset, 0) == 0;
  ::close(ruleset);
  return holds ? static_cast<int>(version) : 0;
}

bool restrict_system_calls() {
  const Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  if (filter == nullptr) return false;
  return add_rules(filter.get()) == 0 && seccomp_load(filter.get()) == 0;
}

std::vector<std::string> folders_for_computing() {
  std::vector<std::string> folders{"/lib",
                                   "/lib64",
                                   "/usr/lib",
                                   "/usr/lib64",
                                   "/usr/local/lib",
                                   "/etc/ld.so.cache",
                                   "/sys/devices/system",
                                   "/proc/cpuinfo",
                                   "/proc/meminfo",
                                   "/dev/urandom",
                                   "/proc/self"};
  const std::string libtorch = folder_of(reinterpret_cast<const void*>(&at::get_cpu_capability));
  if (!libtorch.empty()) folders.push_back(libtorch);
  return folders;
}

AddressSpaceLimit::AddressSpaceLimit([[maybe_unused]] std::int64_t bytes) {
#if !defined(__SANITIZE_ADDRESS__)  // AddressSanitizer reserves terabytes
  rlimit limit = {};
  if (::getrlimit(RLIMIT_AS, &limit) != 0) return;
  const auto wanted = static_cast<rlim_t>(address_space_bytes() + bytes);
  if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur <= wanted) return;
  soft_before_ = limit.rlim_cur;
  limit.rlim_cur = wanted;
  is_set_ = ::setrlimit(RLIMIT_AS, &limit) == 0;
#endif
}

AddressSpaceLimit::~AddressSpaceLimit() {
  rlimit limit = {};
  if (!is_set_ || ::getrlimit(RLIMIT_AS, &limit) != 0) return;
  limit.rlim_cur = soft_before_;
  ::setrlimit(RLIMIT_AS, &limit);
}

}  // namespace styletransfer::detail
