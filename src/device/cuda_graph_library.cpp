#include "device/cuda_graph_library.h"

#include <dlfcn.h>
#include <torch/version.h>

#include <cstring>
#include <filesystem>

#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

constexpr const char* kLibraryName = "libstyletransfer_cuda_graph.so";

std::filesystem::path library_path() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / kLibraryName;
}

/// A function of the library; throws RunError if it has none of that name.
template <typename Signature>
Signature* function_of(void* library, const char* name) {
  void* found = dlsym(library, name);
  if (found == nullptr) throw RunError(library_path().string() + " has no " + name);
  return reinterpret_cast<Signature*>(found);
}

/// Opens the library. It is never closed: its graphs may live as long as the process.
void* opened_library() {
  const std::filesystem::path path = library_path();
  if (!std::filesystem::exists(path)) throw RunError("there is no " + path.string());
  void* library = dlopen(path.c_str(), RTLD_NOW);
  if (library == nullptr) {
    const char* reason = dlerror();
    throw RunError(reason != nullptr ? reason : path.string() + " does not load");
  }
  const char* version = function_of<const char*()>(library, "styletransfer_cuda_graph_libtorch")();
  if (std::strcmp(version, TORCH_VERSION) != 0) {
    throw RunError(path.string() + " was compiled for LibTorch " + version);
  }
  return library;
}

}  // namespace

std::unique_ptr<EvaluationGraph> make_cuda_graph(int device_index) {
  void* library = opened_library();
  auto* make = function_of<EvaluationGraph*(int)>(library, "styletransfer_make_cuda_graph");
  return std::unique_ptr<EvaluationGraph>(make(device_index));
}

}  // namespace styletransfer::detail
