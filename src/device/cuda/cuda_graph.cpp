// CUDA graph of an evaluation. Compiled to a separate shared library that
// device/cuda_graph_library.cpp opens if the device is CUDA, because it uses libtorch_cuda, which
// the program itself is not linked with; those symbols are resolved when the library is opened.
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/version.h>

#include <exception>

#include "device/cuda_graph_library.h"
#include "device/recorded_work.h"

namespace styletransfer::detail {
namespace {

class CudaGraph : public EvaluationGraph {
 public:
  explicit CudaGraph(int device_index)
      : device_index_(static_cast<c10::DeviceIndex>(device_index)) {}

  void capture(const std::function<void()>& work) override {
    // CUDA cannot capture the default stream.
    const c10::cuda::CUDAStream stream = c10::cuda::getStreamFromPool(false, device_index_);
    c10::cuda::getCurrentCUDAStream(device_index_).synchronize();
    {
      const c10::cuda::CUDAStreamGuard guard(stream);
      // Warm-up on this stream: cuBLAS and cuDNN create a handle and a workspace per stream, which
      // cannot be captured.
      work();
      stream.synchronize();
      // The graph has a private memory pool; memory cached by earlier runs would stay allocated in
      // addition.
      c10::cuda::CUDACachingAllocator::emptyCache();
      record(work);
    }
    c10::cuda::device_synchronize();
  }

  void replay() override { graph_.replay(); }

 private:
  void record(const std::function<void()>& work) {
    // Thread-local mode: other threads may continue to use the device.
    graph_.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
    try {
      work();
    } catch (...) {
      const std::exception_ptr reason = std::current_exception();
      try {
        graph_.capture_end();
      } catch (const std::exception&) {
        // Reports only that the capture is invalid; `reason` is the cause.
      }
      std::rethrow_exception(reason);
    }
    graph_.capture_end();
  }

  c10::DeviceIndex device_index_;
  at::cuda::CUDAGraph graph_;
};

}  // namespace
}  // namespace styletransfer::detail

extern "C" {

const char* styletransfer_cuda_graph_libtorch() { return TORCH_VERSION; }

styletransfer::detail::EvaluationGraph* styletransfer_make_cuda_graph(int device_index) {
  return new styletransfer::detail::CudaGraph(device_index);
}
}
