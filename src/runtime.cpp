#include "styletransfer/runtime.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

#include "base/memory_info.h"
#include "base/processors.h"
#include "detail/arena.h"
#include "detail/cuda_library.h"
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

/// A product that any working device gets right.
void try_device(c10::Device device) {
  const at::Tensor a = at::ones({16, 16}, at::TensorOptions().device(device));
  const double sum = at::mm(a, a).sum().item<double>();
  if (sum != 4096.0) throw UsageError("--device " + device.str() + ": gives wrong results");
}

c10::Device usable_device(const std::string& name) {
  if (name == "auto") {
    if (!detail::has_nvidia_driver()) return c10::kCPU;
    if (!detail::open_cuda_library().empty()) return c10::kCPU;
    try {
      const c10::Device device(c10::kCUDA, 0);
      try_device(device);
      return device;
    } catch (const std::exception&) {
      return c10::kCPU;
    }
  }
  c10::Device device = parse_device(name);
  if (device.is_cuda()) {
    const std::string problem = detail::open_cuda_library();
    if (!problem.empty()) throw UsageError("--device " + name + ": " + problem);
  }
  if (device.is_mps() && !at::hasMPS()) {
    throw UsageError("--device " + name +
                     ": only LibTorch for macOS has it, on Apple's processors; use --device cpu");
  }
  try {
    try_device(device);
  } catch (const c10::Error& error) {
    throw UsageError("--device " + name + ": cannot be used here (" +
                     std::string(error.what_without_backtrace()).substr(0, 120) +
                     "); use --device cpu");
  }
  return device;
}

Precision resolved_precision(const RuntimeOptions& options, c10::Device device,
                             const Processor& processor) {
  if (options.precision == Precision::kInt16 && !device.is_cpu()) {
    throw UsageError("--precision int16: only processors multiply so; add --device cpu");
  }
  if (options.precision != Precision::kAuto) return options.precision;
  if (device.is_cpu()) return processor.fastest;
  return device.is_cuda() ? Precision::kBfloat16 : Precision::kFloat32;
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
  runtime.device = usable_device(options.device);
  const bool on_cpu = runtime.device.is_cpu();
  const Processor processor = this_processor();
  const Precision precision = resolved_precision(options, runtime.device, processor);
  runtime.feature_type = precision == Precision::kBfloat16 ? at::kBFloat16 : at::kFloat;
  runtime.multiplies_int16 = precision == Precision::kInt16;
  runtime.description = runtime.device.str() + (on_cpu ? " (" + processor.level + ")" : "") + ", " +
                        words_for(precision) +
                        (on_cpu ? ", " + std::to_string(runtime.threads) +
                                      (runtime.threads == 1 ? " thread" : " threads")
                                : "");
  return runtime;
}

std::int64_t available_memory_bytes(const Runtime& runtime) {
  if (runtime.device.is_cuda()) return detail::free_cuda_memory_bytes(runtime.device.index());
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

}  // namespace styletransfer
