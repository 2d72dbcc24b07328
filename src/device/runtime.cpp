#include "styletransfer/runtime.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <utility>

#include "base/system/memory_info.h"
#include "base/system/processors.h"
#include "device/caching_allocator.h"
#include "device/cpu_features.h"
#include "device/cuda_library.h"
#include "device/device_check.h"
#include "device/device_memory.h"
#include "device/thread_start.h"
#include "styletransfer/error.h"

namespace styletransfer {
namespace {

/// The fastest precision on this CPU.
Precision fastest_cpu_precision() {
  if (detail::has_amx_bf16()) return Precision::kBfloat16;
  return detail::has_avx512_vnni() ? Precision::kInt16 : Precision::kFloat32;
}

c10::Device parse_device(const std::string& name) {
  try {
    return c10::Device(name);
  } catch (const c10::Error&) {
    throw OptionError("device", name, "no such device; valid: auto, cpu, cuda, cuda:N, mps");
  }
}

// GPUs support bfloat16 products since compute capability 8.0; older ones emulate them in float32.
constexpr int kFirstCapabilityWithBfloat16 = 80;

/// The requested precision, or the device's fastest for kAuto. Throws UsageError if the device does
/// not support it. The device must be open.
Precision resolved_precision(Precision asked, c10::Device device) {
  if (asked == Precision::kInt16 && !device.is_cpu()) {
    throw OptionError("precision", "int16", "only processors multiply so",
                      "add " + option("device", "cpu"));
  }
  const int capability = device.is_cuda() ? detail::cuda_compute_capability(device.index()) : 0;
  const bool has_bfloat16 = capability >= kFirstCapabilityWithBfloat16;
  // Capability 0 means that the query failed; try_device() then finds out whether bfloat16 works.
  if (asked == Precision::kBfloat16 && capability > 0 && !has_bfloat16) {
    throw OptionError("precision", "bfloat16",
                      "this GPU has compute capability " + std::to_string(capability / 10) + "." +
                          std::to_string(capability % 10) + " and bfloat16 needs 8.0",
                      "use " + option("precision", "float32"));
  }
  if (asked != Precision::kAuto) return asked;
  if (device.is_cpu()) return fastest_cpu_precision();
  return has_bfloat16 ? Precision::kBfloat16 : Precision::kFloat32;
}

c10::ScalarType feature_type_of(Precision precision) {
  return precision == Precision::kBfloat16 ? c10::kBFloat16 : c10::kFloat;
}

/// Prepares LibTorch for a device. Returns "", or what is missing and how to fix it.
Message open_device(c10::Device device) {
  if (device.is_cuda()) {
    Message missing = detail::open_cuda_library();
    if (missing.empty()) detail::keep_full_precision_on_cuda();
    return missing;
  }
  if (device.is_mps() && !at::hasMPS()) {
    return "only LibTorch for macOS has it, on Apple's processors; use " + option("device", "cpu");
  }
  return "";
}

/// Runs the self-test on an open device. Returns "", or why it cannot be used and how to fix it.
Message try_device(c10::Device device, c10::ScalarType type) {
  if (device.is_cpu()) return "";
  std::string reason;
  try {
    if (detail::multiplies_right(device, type)) return "";
    return "gives wrong results; use " + option("device", "cpu");
  } catch (const c10::Error& error) {
    reason = error.what_without_backtrace();
  } catch (const std::exception& error) {
    reason = error.what();
  }
  constexpr size_t kLongestReason = 120;
  return "cannot be used here (" + reason.substr(0, std::min(reason.find('\n'), kLongestReason)) +
         "); use " + option("device", "cpu");
}

struct DeviceChoice {
  c10::Device device;
  Precision precision;
  Message fallback_reason;  // see Runtime
};

DeviceChoice choose_device(const RuntimeOptions& options) {
  const bool may_fall_back = options.device == "auto";
  const c10::Device device =
      may_fall_back ? c10::Device(c10::kCUDA, 0) : parse_device(options.device);
  Precision precision = Precision::kAuto;
  Message problem = open_device(device);
  if (problem.empty()) {
    precision = resolved_precision(options.precision, device);
    problem = try_device(device, feature_type_of(precision));
  }
  if (problem.empty()) return {device, precision, ""};
  if (!may_fall_back) throw OptionError("device", options.device, problem);
  return {c10::kCPU, resolved_precision(options.precision, c10::kCPU),
          detail::has_nvidia_driver() ? problem : Message()};
}

std::string precision_text(Precision precision) {
  switch (precision) {
    case Precision::kBfloat16:
      return "bfloat16 features";
    case Precision::kInt16:
      return "float32 features, int16 products";
    default:
      return "float32 features";
  }
}

}  // namespace

int usable_cores() { return processor_limit().threads; }

void use_threads_of(const Runtime& runtime) { at::set_num_threads(runtime.threads); }

Runtime resolve_runtime(const RuntimeOptions& options) {
  detail::install_tensor_allocator();
  Runtime runtime;
  if (options.threads != 0) require_within("threads", options.threads, RuntimeOptions::kThreads);
  runtime.threads = options.threads > 0 ? options.threads : usable_cores();
  detail::require_threads(runtime.threads - 1);
  use_threads_of(runtime);
  detail::start_team();
  DeviceChoice choice = choose_device(options);
  runtime.device = choice.device;
  runtime.fallback_reason = std::move(choice.fallback_reason);
  const bool on_cpu = runtime.device.is_cpu();
  const Precision precision = choice.precision;
  runtime.feature_type = feature_type_of(precision);
  runtime.multiplies_int16 = precision == Precision::kInt16;
  runtime.description = runtime.device.str() +
                        (on_cpu ? " (" + std::string(detail::cpu_level()) + ")" : "") + ", " +
                        precision_text(precision) +
                        (on_cpu ? ", " + std::to_string(runtime.threads) +
                                      (runtime.threads == 1 ? " thread" : " threads")
                                : "");
  return runtime;
}

std::int64_t available_memory_bytes(const Runtime& runtime) {
  if (runtime.device.is_cuda()) {
    // CUDA counts memory in LibTorch's cache as used, but the next tensors can use it.
    const std::int64_t cached = detail::device_memory(runtime.device).cached;
    return detail::free_cuda_memory_bytes(runtime.device.index()) + cached - cached / 10;
  }
  return memory_budget_bytes(tightest_memory_limit());
}

std::int64_t current_memory_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t total_pages = 0;
  std::int64_t resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return resident_pages * sysconf(_SC_PAGESIZE);
}

std::int64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

std::int64_t peak_device_memory_bytes() { return detail::largest_device_peak_bytes(); }

}  // namespace styletransfer
