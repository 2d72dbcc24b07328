#include "detail/memory_budget.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <optional>

#include "base/memory_info.h"

namespace styletransfer::detail {

std::int64_t memory_left(std::int64_t limit_bytes, const Runtime& runtime) {
  if (limit_bytes == 0) return available_memory_bytes(runtime);
  if (!runtime.device.is_cpu()) return limit_bytes;
  const std::int64_t left = limit_bytes - current_memory_bytes();
  const std::optional<MemoryLimit> enforced = tightest_enforced_limit();
  return enforced ? std::min(left, memory_budget_bytes(*enforced)) : left;
}

bool exceeds_memory(std::int64_t bytes, const Runtime& runtime) {
  if (!runtime.device.is_cpu()) return false;
  const std::optional<MemoryLimit> enforced = tightest_enforced_limit();
  return enforced && bytes > static_cast<std::int64_t>(enforced->free_bytes());
}

std::int64_t memory_left(const Job& job, const Runtime& runtime) {
  return memory_left(job.memory_limit_bytes, runtime) / job.jobs_at_once;
}

std::int64_t tensor_bytes(const RunState& state) {
  const MinimizeState& search = state.pass.search;
  auto bytes = static_cast<std::int64_t>(search.x.nbytes());
  if (search.best_x.defined()) bytes += static_cast<std::int64_t>(search.best_x.nbytes());
  for (const auto& [name, tensor] : search.stepper.tensors) {
    bytes += static_cast<std::int64_t>(tensor.nbytes());
  }
  return bytes;
}

std::string memory_remedy(std::int64_t left_bytes, c10::Device device) {
  constexpr const char* kFlag = "raise --memory-limit";
  const MemoryLimit limit = tightest_memory_limit();
  if (!device.is_cpu() || limit.kind == MemoryLimit::Kind::kSystem) return kFlag;
  // A little may have been taken since `left_bytes` was measured.
  constexpr double kMeasuredAgain = 1.1;
  const auto budget = static_cast<double>(memory_budget_bytes(limit));
  return budget <= kMeasuredAgain * static_cast<double>(std::max<std::int64_t>(left_bytes, 0))
             ? memory_limit_remedy(limit)
             : kFlag;
}

std::string out_of_memory_words(c10::Device device) {
  const std::string words = "out of memory on " + device.str();
  const MemoryLimit limit = tightest_memory_limit();
  if (device.is_cpu() && (limit.kind == MemoryLimit::Kind::kAddressSpace ||
                          limit.kind == MemoryLimit::Kind::kDataSegment)) {
    return words + " (" + memory_limit_in_words(limit) + "): " + memory_limit_remedy(limit) +
           ", or lower --size";
  }
  return words + ": lower --size (or the dpi of --print) or --history, or use --optimizer adam";
}

}  // namespace styletransfer::detail
