#include "device/cuda_library.h"

#include <ATen/Context.h>
#include <dlfcn.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>

namespace styletransfer::detail {
namespace {

// Values of cudaError_t and cudaDeviceAttr, which are ints: CUDA's headers are not needed to build.
constexpr int kCudaSuccess = 0;
constexpr int kComputeCapabilityMajor = 75;
constexpr int kComputeCapabilityMinor = 76;

/// Handle of libtorch_cuda; null before open_cuda_library().
void* cuda_library = nullptr;

/// Path of libtorch_cuda, in the directory of libtorch_cpu.
std::filesystem::path cuda_library_path() {
  Dl_info info{};
  // The address of any function of libtorch_cpu identifies the file it was loaded from.
  if (dladdr(reinterpret_cast<const void*>(&at::globalContext), &info) == 0) return {};
  return std::filesystem::path(info.dli_fname).parent_path() / "libtorch_cuda.so";
}

/// A function of the CUDA runtime library; null if it has none of this name.
template <typename Function>
Function runtime_function(const char* name) {
  // libtorch_cuda loads its own CUDA runtime, whose symbols are not always in the default scope
  // after dlopen. Before it is opened, uses the runtime that libtorch_cpu of a CUDA build links
  // with.
  void* scope = cuda_library != nullptr ? cuda_library : RTLD_DEFAULT;
  return reinterpret_cast<Function>(dlsym(scope, name));
}

/// The reason why the CUDA runtime finds no GPU; "" if it finds one or is not loaded.
Message why_no_gpu() {
  const auto count_devices = runtime_function<int (*)(int*)>("cudaGetDeviceCount");
  if (count_devices == nullptr) return "";
  int count = 0;
  const int error = count_devices(&count);
  if (error == kCudaSuccess && count > 0) return "";
  if (!has_nvidia_driver()) return "no NVIDIA driver is loaded; use " + option("device", "cpu");
  const auto words_of = runtime_function<const char* (*)(int)>("cudaGetErrorString");
  const char* words = error == kCudaSuccess || words_of == nullptr ? nullptr : words_of(error);
  return "the NVIDIA driver is too old or shows no GPU" +
         (words == nullptr ? std::string() : " (CUDA says: " + std::string(words) + ")") +
         "; update the driver, or use " + option("device", "cpu");
}

}  // namespace

bool has_nvidia_driver() {
  return std::filesystem::exists("/dev/nvidiactl") ||
         std::filesystem::exists("/proc/driver/nvidia/version") ||
         std::filesystem::exists("/dev/dxg");
}

Message missing_for_cuda() {
  const std::filesystem::path library = cuda_library_path();
  if (!std::filesystem::exists(library)) {
    return "this LibTorch has no CUDA half (" + library.string() +
           " is missing); fetch it with scripts/fetch_libtorch (see its help), or use " +
           option("device", "cpu");
  }
  return why_no_gpu();
}

Message open_cuda_library() {
  Message missing = missing_for_cuda();
  if (!missing.empty()) return missing;
  if (cuda_library == nullptr) {
    cuda_library = dlopen(cuda_library_path().c_str(), RTLD_NOW | RTLD_GLOBAL);
  }
  if (cuda_library == nullptr) {
    const char* reason = dlerror();
    return "LibTorch's CUDA half does not load (" + std::string(reason ? reason : "no reason") +
           "); install the CUDA libraries it names, or use " + option("device", "cpu");
  }
  if (!at::hasCUDA()) return "LibTorch's CUDA half finds no GPU; use " + option("device", "cpu");
  return "";
}

int cuda_compute_capability(int device_index) {
  const auto attribute = runtime_function<int (*)(int*, int, int)>("cudaDeviceGetAttribute");
  const int device = std::max(0, device_index);
  int major = 0;
  int minor = 0;
  if (attribute == nullptr || attribute(&major, kComputeCapabilityMajor, device) != kCudaSuccess ||
      attribute(&minor, kComputeCapabilityMinor, device) != kCudaSuccess) {
    return 0;
  }
  return 10 * major + minor;
}

std::int64_t free_cuda_memory_bytes(int device_index) {
  const auto set_device = runtime_function<int (*)(int)>("cudaSetDevice");
  const auto get_info = runtime_function<int (*)(std::size_t*, std::size_t*)>("cudaMemGetInfo");
  std::size_t free = 0;
  std::size_t total = 0;
  if (set_device == nullptr || get_info == nullptr ||
      set_device(std::max(0, device_index)) != kCudaSuccess ||
      get_info(&free, &total) != kCudaSuccess) {
    return 0;
  }
  return static_cast<std::int64_t>(free - free / 10);
}

}  // namespace styletransfer::detail
