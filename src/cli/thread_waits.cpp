#include "cli/thread_waits.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <vector>

namespace styletransfer::cli {
namespace {

// Spins before sleeping: tens of microseconds, the length of a short parallel piece of work.
char short_spin[] = "GOMP_SPINCOUNT=10000";
// Runnable programs per processor from which on the machine is busy.
constexpr double kBusyLoad = 0.5;

bool is_set_by_the_user(std::string_view variable) {
  return variable.starts_with("OMP_WAIT_POLICY=") || variable.starts_with("GOMP_SPINCOUNT=");
}

/// 0 where it is not known.
double load_of_a_processor() {
  double load = 0.0;
  if (::getloadavg(&load, 1) != 1) return 0.0;
  return load / static_cast<double>(::sysconf(_SC_NPROCESSORS_ONLN));
}

}  // namespace

bool wants_short_waits(int argc, char** environment, double load) {
  if (argc <= 2 || load <= kBusyLoad) return false;
  for (char** variable = environment; *variable != nullptr; ++variable) {
    if (is_set_by_the_user(*variable)) return false;
  }
  return true;
}

void shorten_waits_on_a_busy_machine(int argc, char** argv, char** environment) {
  if (!wants_short_waits(argc, environment, load_of_a_processor())) return;
  std::vector<char*> variables;
  for (char** variable = environment; *variable != nullptr; ++variable) {
    variables.push_back(*variable);
  }
  variables.push_back(short_spin);
  variables.push_back(nullptr);
  // Where this fails, the run goes on as it was.
  ::execve("/proc/self/exe", argv, variables.data());
}

}  // namespace styletransfer::cli
