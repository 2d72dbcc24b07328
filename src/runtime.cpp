#include "styletransfer/runtime.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <utility>

#include "base/memory_info.h"
#include "base/processors.h"
#include "detail/arena.h"
#include "detail/cuda_library.h"
#include "detail/device_memory.h"
#include "detail/device_products.h"
#include "detail/panel_product.h"
#include "styletransfer/error.h"

namespace styletransfer {
namespace {

struct Processor {
  std::string level;
  Precision fastest = Precision::kFloat32;
};

Processor this_processor() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  std::ifstream info("/proc/cpuinfo");
  std::string line;
  bool amx = false;
  while (std::getline(info, line)) {
    if (line.rfind("flags", 0) == 0) {
      amx = line.find("amx_bf16") != std::string::npos;
      break;
    }
  }
  if (amx) return {"AMX bf16 units", Precision::kBfloat16};
  if (detail::cpu::has_pair_units()) return {"AVX-512 VNNI", Precision::kInt16};
  if (__builtin_cpu_supports("avx512f")) return {"AVX-512"};
  if (__builtin_cpu_supports("avx2")) return {"AVX2"};
  return {"SSE2"};
#else
  return {"this processor"};
#endif
}

c10::Device parse_device(const std::string& name) {
  try {
    return c10::Device(name);
  } catch (const c10::Error&) {
    throw UsageError("--device " + name + ": no such device; valid: auto, cpu, cuda, cuda:N, mps");
  }
}

// GPUs multiply bfloat16 since compute capability 8.0; older ones imitate it in float32.
constexpr int kFirstCapabilityWithBfloat16 = 80;

/// The precision asked for, or the device's fastest. Throws UsageError where the device has none
/// such. The device is open.
Precision resolved_precision(Precision asked, c10::Device device, const Processor& processor) {
  if (asked == Precision::kInt16 && !device.is_cpu()) {
    throw UsageError("--precision int16: only processors multiply so; add --device cpu");
  }
  const int capability = device.is_cuda() ? detail::cuda_compute_capability(device.index()) : 0;
  const bool has_bfloat16 = capability >= kFirstCapabilityWithBfloat16;
  // A capability of 0 could not be asked: whether bfloat16 works there is tried.
  if (asked == Precision::kBfloat16 && capability > 0 && !has_bfloat16) {
    throw UsageError("--precision bfloat16: this GPU has compute capability " +
                     std::to_string(capability / 10) + "." + std::to_string(capability % 10) +
                     " and bfloat16 needs 8.0; use --precision float32");
  }
  if (asked != Precision::kAuto) return asked;
  if (device.is_cpu()) return processor.fastest;
  return has_bfloat16 ? Precision::kBfloat16 : Precision::kFloat32;
}

c10::ScalarType feature_type_of(Precision precision) {
  return precision == Precision::kBfloat16 ? c10::kBFloat16 : c10::kFloat;
}

/// Makes LibTorch ready for a device. Returns "", or what is missing and the remedy.
std::string open_device(c10::Device device) {
  if (device.is_cuda()) {
    std::string missing = detail::open_cuda_library();
    if (missing.empty()) detail::keep_full_precision_on_cuda();
    return missing;
  }
  if (device.is_mps() && !at::hasMPS()) {
    return "only LibTorch for macOS has it, on Apple's processors; use --device cpu";
  }
  return "";
}

/// Tries a device that is open. Returns "", or why it cannot be used and the remedy.
std::string try_device(c10::Device device, c10::ScalarType type) {
  if (device.is_cpu()) return "";
  std::string reason;
  try {
    if (detail::multiplies_right(device, type)) return "";
    return "gives wrong results; use --device cpu";
  } catch (const c10::Error& error) {
    reason = error.what_without_backtrace();
  } catch (const std::exception& error) {
    reason = error.what();
  }
  constexpr size_t kLongestReason = 120;
  return "cannot be used here (" + reason.substr(0, std::min(reason.find('\n'), kLongestReason)) +
         "); use --device cpu";
}

struct DeviceChoice {
  c10::Device device;
  Precision precision;
  std::string fallback_reason;  // see Runtime
};

DeviceChoice choose_device(const RuntimeOptions& options, const Processor& processor) {
  const bool may_fall_back = options.device == "auto";
  const c10::Device device =
      may_fall_back ? c10::Device(c10::kCUDA, 0) : parse_device(options.device);
  Precision precision = Precision::kAuto;
  std::string problem = open_device(device);
  if (problem.empty()) {
    precision = resolved_precision(options.precision, device, processor);
    problem = try_device(device, feature_type_of(precision));
  }
  if (problem.empty()) return {device, precision, ""};
  if (!may_fall_back) throw UsageError("--device " + options.device + ": " + problem);
  return {c10::kCPU, resolved_precision(options.precision, c10::kCPU, processor),
          detail::has_nvidia_driver() ? problem : ""};
}

std::string words_for(Precision precision) {
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
  detail::install_tensor_arena();
  Runtime runtime;
  runtime.threads = options.threads > 0 ? options.threads : usable_cores();
  use_threads_of(runtime);
  const Processor processor = this_processor();
  DeviceChoice choice = choose_device(options, processor);
  runtime.device = choice.device;
  runtime.fallback_reason = std::move(choice.fallback_reason);
  const bool on_cpu = runtime.device.is_cpu();
  const Precision precision = choice.precision;
  runtime.feature_type = feature_type_of(precision);
  runtime.multiplies_int16 = precision == Precision::kInt16;
  runtime.description = runtime.device.str() + (on_cpu ? " (" + processor.level + ")" : "") + ", " +
                        words_for(precision) +
                        (on_cpu ? ", " + std::to_string(runtime.threads) +
                                      (runtime.threads == 1 ? " thread" : " threads")
                                : "");
  return runtime;
}

std::int64_t available_memory_bytes(const Runtime& runtime) {
  if (runtime.device.is_cuda()) {
    // What LibTorch took and does not use counts as used by CUDA, and goes to the next tensors.
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
