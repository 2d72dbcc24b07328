#include "engine/memory_budget.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <optional>

#include "base/system/byte_count.h"
#include "base/system/memory_info.h"

namespace styletransfer::detail {
namespace {

/// The limit of the system or the process that is too small; nothing where the job's own memory
/// limit decides. `left_bytes`: as for memory_remedy().
std::optional<MemoryLimit> limit_in_the_way(std::int64_t left_bytes, c10::Device device) {
  const MemoryLimit limit = tightest_memory_limit();
  if (!device.is_cpu() || limit.kind == MemoryLimit::Kind::kSystem) return std::nullopt;
  // Tolerance for memory that was taken since `left_bytes` was measured.
  constexpr double kMeasuredAgain = 1.1;
  const auto budget = static_cast<double>(memory_budget_bytes(limit));
  const bool decides =
      budget <= kMeasuredAgain * static_cast<double>(std::max<std::int64_t>(left_bytes, 0));
  return decides ? std::optional(limit) : std::nullopt;
}

}  // namespace

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

std::string memory_left_text(std::int64_t left_bytes, const Job& job, c10::Device device) {
  std::string text = memory_text(left_bytes) + " may be used on " + device.str();
  const std::int64_t held_bytes = job.memory_limit_bytes - left_bytes * job.jobs_at_once;
  const bool job_decides = !limit_in_the_way(left_bytes * job.jobs_at_once, device);
  if (!device.is_cpu() || !job_decides || held_bytes <= 0) return text;
  text += " (" + memory_text(held_bytes) + " are held by the program";
  if (job.jobs_at_once > 1) {
    text += ", " + std::to_string(job.jobs_at_once) + " images share the rest";
  }
  return text + ")";
}

Message memory_remedy(std::int64_t left_bytes, c10::Device device) {
  const std::optional<MemoryLimit> limit = limit_in_the_way(left_bytes, device);
  return limit ? Message(memory_limit_remedy(*limit)) : "raise " + option("memory_limit");
}

Message network_memory_message(c10::Device device) {
  if (!device.is_cpu()) {
    return "the network does not fit into what is free on " + device.str() +
           "; free some of its memory, or add " + option("device", "cpu");
  }
  const MemoryLimit limit = tightest_memory_limit();
  return "the network does not fit into memory (" + memory_limit_text(limit) + "); " +
         memory_limit_remedy(limit);
}

Message out_of_memory_message(c10::Device device) {
  const std::string message = "out of memory on " + device.str();
  const MemoryLimit limit = tightest_memory_limit();
  if (device.is_cpu() && (limit.kind == MemoryLimit::Kind::kAddressSpace ||
                          limit.kind == MemoryLimit::Kind::kDataSegment)) {
    return message + " (" + memory_limit_text(limit) + "): " + memory_limit_remedy(limit) +
           ", or lower " + option("size");
  }
  return message + ": lower " + option("size") + " (or the dpi of " + option("print") + ") or " +
         option("history") + ", or use " + option("optimizer", "adam");
}

}  // namespace styletransfer::detail
