#include "cli/thread_waits.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <vector>

namespace styletransfer::cli {
namespace {

// Spins before sleeping: tens of microseconds, the length of a short parallel piece of work.
char short_spin[] = "GOMP_SPINCOUNT=10000";
// Runnable programs per processor, averaged over a minute, from which on the machine is busy.
constexpr double kBusyLoad = 0.5;

bool is_set_by_the_user(std::string_view variable) {
  return variable.starts_with("OMP_WAIT_POLICY=") || variable.starts_with("GOMP_SPINCOUNT=");
}

bool is_busy() {
  double load = 0.0;
  return ::getloadavg(&load, 1) == 1 &&
         load > kBusyLoad * static_cast<double>(::sysconf(_SC_NPROCESSORS_ONLN));
}

}  // namespace

void shorten_waits_on_a_busy_machine(int argc, char** argv, char** environment) {
  std::vector<char*> variables;
  for (char** variable = environment; *variable != nullptr; ++variable) {
    if (is_set_by_the_user(*variable)) return;
    variables.push_back(*variable);
  }
  // One word asks for a help or a version.
  if (argc <= 2 || !is_busy()) return;
  variables.push_back(short_spin);
  variables.push_back(nullptr);
  // Where this fails, the run goes on as it was.
  ::execve("/proc/self/exe", argv, variables.data());
}

}  // namespace styletransfer::cli
