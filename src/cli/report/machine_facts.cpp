#include "cli/report/machine_facts.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <fstream>
#include <thread>

namespace styletransfer::cli {
namespace {

/// /proc/cpuinfo has "model name" on x86, "Model" or "cpu model" on others.
std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t colon = line.find(": ");
    const bool names_it = line.starts_with("model name") || line.starts_with("Model\t") ||
                          line.starts_with("cpu model");
    if (colon != std::string::npos && names_it) return line.substr(colon + 2);
  }
  return "";
}

}  // namespace

MachineFacts machine_facts() {
  MachineFacts facts;
  utsname system{};
  if (::uname(&system) == 0) {
    facts.system = std::string(system.sysname) + " " + system.release + " " + system.machine;
  }
  facts.processor = processor_name();
  if (facts.processor.empty()) facts.processor = system.machine;
  facts.logical_cores = static_cast<int>(std::thread::hardware_concurrency());
  facts.memory_bytes = std::int64_t{::sysconf(_SC_PHYS_PAGES)} * ::sysconf(_SC_PAGE_SIZE);
  return facts;
}

std::string utc_now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  const std::size_t count = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return {text.data(), count};
}

}  // namespace styletransfer::cli
