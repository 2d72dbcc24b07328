#include "cli/terminal/resource_lines.h"

#include <string>

#include "base/system/byte_count.h"
#include "base/system/memory_info.h"
#include "base/system/processors.h"
#include "cli/terminal/log.h"
#include "engine/memory_budget.h"

namespace styletransfer::cli {
namespace {

/// A system limit that is tighter than the flag applies.
std::string deciding_limit(const Runtime& runtime, std::int64_t limit_bytes) {
  const MemoryLimit limit = tightest_memory_limit();
  const bool is_flag =
      limit_bytes > 0 && (limit.kind == MemoryLimit::Kind::kSystem ||
                          limit_bytes - current_memory_bytes() <= memory_budget_bytes(limit));
  if (!runtime.device.is_cpu()) return limit_bytes > 0 ? "--memory-limit" : "free on the device";
  if (!is_flag) return memory_limit_text(limit) + ", 10 % kept free";
  return "--memory-limit " + detail::memory_text(limit_bytes) + ", of which " +
         detail::memory_text(current_memory_bytes()) + " are held by the program";
}

std::string thread_text(int threads) {
  const ProcessorLimit limit = processor_limit();
  std::string text = "threads: " + std::to_string(threads);
  if (threads != limit.threads) text += " of " + std::to_string(limit.threads);
  return text + " (" + limit.reason + ")";
}

}  // namespace

void report_resources(const Runtime& runtime, std::int64_t limit_bytes) {
  log_detail("memory limit: " + detail::memory_text(detail::memory_left(limit_bytes, runtime)) +
             " available (" + deciding_limit(runtime, limit_bytes) + ")");
  log_detail(thread_text(runtime.threads));
}

}  // namespace styletransfer::cli
