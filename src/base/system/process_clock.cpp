#include "base/system/process_clock.h"

#include <unistd.h>

#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

namespace styletransfer {
namespace {

double seconds_on(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// The 22nd field of /proc/self/stat, the start time, in seconds since boot. Falls back to now if
/// that cannot be read.
double start_seconds() {
  std::string text;
  std::getline(std::ifstream("/proc/self/stat"), text);
  // The second field, the program's name, may contain blanks and parentheses.
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return seconds_on(CLOCK_BOOTTIME);
  std::istringstream fields(text.substr(name_end + 1));
  constexpr int kFieldsBetween = 19;
  std::string field;
  for (int i = 0; i < kFieldsBetween; ++i) fields >> field;
  double ticks = 0.0;
  if (!(fields >> ticks)) return seconds_on(CLOCK_BOOTTIME);
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

double seconds_since_process_start() {
  static const double start = start_seconds();
  return seconds_on(CLOCK_BOOTTIME) - start;
}

}  // namespace styletransfer
