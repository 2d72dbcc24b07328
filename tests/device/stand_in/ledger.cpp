#include "ledger.h"

#include <execinfo.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>

#include "device_memory.h"

namespace stand_in {
namespace {

std::mutex gate;

std::map<std::string, long>& counts() {
  static auto* made = new std::map<std::string, long>;
  return *made;
}

/// Writes one line per counter: name and number.
void write_log() {
  const char* path = std::getenv("FAKE_CUDA_LOG");
  if (path == nullptr) return;
  std::FILE* file = std::fopen(path, "w");
  if (file == nullptr) return;
  const MemoryUse use = memory_use();
  std::fprintf(file, "peak_bytes %zu\nheld_bytes %zu\n", use.peak, use.held);
  const std::lock_guard lock(gate);
  for (const auto& [what, times] : counts()) std::fprintf(file, "%s %ld\n", what.c_str(), times);
  std::fclose(file);
}

}  // namespace

void count(const std::string& what, long by) {
  const std::lock_guard lock(gate);
  counts()[what] += by;
}

void count_wait(const std::string& why) {
  if (is_traced()) {
    std::fprintf(stderr, "fake CUDA: waits: %s\n", why.c_str());
    print_callers();
  }
  count("wait " + why);
  count("waits");
  write_log();
}

bool is_traced() {
  static const bool is_asked = std::getenv("FAKE_CUDA_TRACE") != nullptr;
  return is_asked;
}

void print_callers() {
  std::array<void*, 32> frames{};
  const int depth = backtrace(frames.data(), static_cast<int>(frames.size()));
  backtrace_symbols_fd(frames.data(), depth, 2);
}

}  // namespace stand_in
