#include "cli/thread_waits.h"

#include <unistd.h>

#include <cstdlib>

namespace styletransfer::cli {
namespace {

// Spins before sleeping: tens of microseconds, the length of a short parallel piece of work.
constexpr const char* kShortSpin = "10000";
// Runnable programs per processor, averaged over a minute, from which on the machine is busy.
constexpr double kBusyLoad = 0.5;

bool is_busy() {
  double load = 0.0;
  return ::getloadavg(&load, 1) == 1 &&
         load > kBusyLoad * static_cast<double>(::sysconf(_SC_NPROCESSORS_ONLN));
}

}  // namespace

void shorten_waits_on_a_busy_machine(const char* const* argv) {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr) return;
  if (!is_busy()) return;
  ::setenv("GOMP_SPINCOUNT", kShortSpin, 0);
  // Where this fails, the run goes on as it was.
  ::execv("/proc/self/exe", const_cast<char* const*>(argv));
}

}  // namespace styletransfer::cli
