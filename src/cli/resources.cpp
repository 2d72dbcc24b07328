#include "cli/resources.h"

#include <string>

#include "base/byte_count.h"
#include "base/memory_info.h"
#include "base/processors.h"
#include "cli/log/log.h"
#include "detail/memory_budget.h"

namespace styletransfer::cli {
namespace {

/// With the flag, the limits of the system count where they are tighter.
std::string deciding_limit(const Runtime& runtime, std::int64_t limit_bytes) {
  const MemoryLimit limit = tightest_memory_limit();
  const bool is_flag =
      limit_bytes > 0 && (limit.kind == MemoryLimit::Kind::kSystem ||
                          limit_bytes - current_memory_bytes() <= memory_budget_bytes(limit));
  if (!runtime.device.is_cpu()) return limit_bytes > 0 ? "--memory-limit" : "free on the device";
  return is_flag ? "--memory-limit" : memory_limit_in_words(limit) + ", a tenth kept free";
}

std::string thread_words(int threads) {
  const ProcessorLimit limit = processor_limit();
  std::string words = "threads: " + std::to_string(threads);
  if (threads != limit.threads) words += " of " + std::to_string(limit.threads);
  return words + " (" + limit.reason + ")";
}

}  // namespace

void tell_resources(const Runtime& runtime, std::int64_t limit_bytes) {
  log_detail("memory limit: " + detail::memory_in_words(detail::memory_left(limit_bytes, runtime)) +
             " more may be used (" + deciding_limit(runtime, limit_bytes) + ")");
  log_detail(thread_words(runtime.threads));
}

}  // namespace styletransfer::cli
