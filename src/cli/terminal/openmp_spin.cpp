#include "cli/terminal/openmp_spin.h"

#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

namespace styletransfer::cli {
namespace {

// Spins before sleeping: tens of microseconds, the length of a short parallel region.
char short_spin[] = "GOMP_SPINCOUNT=10000";
// Runnable processes per CPU above which the machine counts as busy.
constexpr double kBusyLoad = 0.5;

bool is_set_by_the_user(std::string_view variable) {
  return variable.starts_with("OMP_WAIT_POLICY=") || variable.starts_with("GOMP_SPINCOUNT=");
}

/// Load average per CPU; 0 if unknown.
double load_of_a_processor() {
  double load = 0.0;
  if (::getloadavg(&load, 1) != 1) return 0.0;
  return load / static_cast<double>(::sysconf(_SC_NPROCESSORS_ONLN));
}

constexpr const char* kThisProgram = "/proc/self/exe";

bool is_this_program(const char* path) {
  struct stat asked {};
  struct stat running {};
  return ::stat(path, &asked) == 0 && ::stat(kThisProgram, &running) == 0 &&
         asked.st_dev == running.st_dev && asked.st_ino == running.st_ino;
}

/// Executed through kThisProgram, the process is named "exe" in ps, top and the kernel's log.
void restore_process_name(const char* first_argument) {
  constexpr std::size_t kNameBytes = 16;
  char name[kNameBytes] = {};
  if (::prctl(PR_GET_NAME, name) != 0 || std::string_view(name) != "exe") return;
  const char* slash = std::strrchr(first_argument, '/');
  ::prctl(PR_SET_NAME, slash != nullptr ? slash + 1 : first_argument);
}

}  // namespace

bool wants_short_spin(int argc, char** environment, double load) {
  if (argc <= 2 || load <= kBusyLoad) return false;
  for (char** variable = environment; *variable != nullptr; ++variable) {
    if (is_set_by_the_user(*variable)) return false;
  }
  return true;
}

void limit_openmp_spin(int argc, char** argv, char** environment) {
  if (argc > 0) restore_process_name(argv[0]);
  // When the dynamic loader was run explicitly, this program is not the one that was executed.
  if (::getauxval(AT_BASE) == 0) return;
  if (!wants_short_spin(argc, environment, load_of_a_processor())) return;
  std::vector<char*> variables;
  for (char** variable = environment; *variable != nullptr; ++variable) {
    variables.push_back(*variable);
  }
  variables.push_back(short_spin);
  variables.push_back(nullptr);
  // Re-executes the original path, since the process is named after it. If this fails, the run
  // continues unchanged.
  const auto* path = std::bit_cast<const char*>(::getauxval(AT_EXECFN));
  if (path != nullptr && is_this_program(path)) ::execve(path, argv, variables.data());
  ::execve(kThisProgram, argv, variables.data());
}

}  // namespace styletransfer::cli
