#include "detail/cuda_library.h"

#include <ATen/ATen.h>
#include <dlfcn.h>

#include <filesystem>

namespace styletransfer::detail {
namespace {

std::filesystem::path libtorch_folder() {
  Dl_info info{};
  // Any function of libtorch_cpu tells where that library lies.
  if (dladdr(reinterpret_cast<const void*>(&at::globalContext), &info) == 0) return {};
  return std::filesystem::path(info.dli_fname).parent_path();
}

}  // namespace

bool has_nvidia_driver() {
  return std::filesystem::exists("/dev/nvidiactl") ||
         std::filesystem::exists("/proc/driver/nvidia/version") ||
         std::filesystem::exists("/dev/dxg");
}

std::string open_cuda_library() {
  if (at::hasCUDA()) return "";
  const std::filesystem::path library = libtorch_folder() / "libtorch_cuda.so";
  if (!std::filesystem::exists(library)) {
    return "this LibTorch has no CUDA half (" + library.string() +
           " is missing); fetch it with scripts/fetch_libtorch --gpu, or use --device cpu";
  }
  if (dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    const char* reason = dlerror();
    return "LibTorch's CUDA half does not load (" + std::string(reason ? reason : "no reason") +
           "); install the CUDA libraries it names, or use --device cpu";
  }
  if (!has_nvidia_driver()) return "no NVIDIA driver is loaded; use --device cpu";
  if (!at::hasCUDA()) return "the NVIDIA driver is too old or shows no GPU; use --device cpu";
  return "";
}

std::int64_t free_cuda_memory_bytes(int device_index) {
  using SetDevice = int (*)(int);
  using MemGetInfo = int (*)(std::size_t*, std::size_t*);
  // libcudart is in the process already: libtorch_cpu of a CUDA build needs it.
  const auto set_device = reinterpret_cast<SetDevice>(dlsym(RTLD_DEFAULT, "cudaSetDevice"));
  const auto get_info = reinterpret_cast<MemGetInfo>(dlsym(RTLD_DEFAULT, "cudaMemGetInfo"));
  std::size_t free = 0;
  std::size_t total = 0;
  if (set_device == nullptr || get_info == nullptr || set_device(std::max(0, device_index)) != 0 ||
      get_info(&free, &total) != 0) {
    return 0;
  }
  return static_cast<std::int64_t>(free - free / 10);
}

}  // namespace styletransfer::detail
