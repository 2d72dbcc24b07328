// The CUDA graph of an evaluation: a library of its own, opened by detail/cuda_graph_library.cpp
// where the device is CUDA. It uses LibTorch's GPU part, which the program itself is not linked
// with: its symbols are found when the library is opened.
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/version.h>

#include <exception>

#include "detail/cuda_graph_library.h"
#include "detail/recorded_work.h"

namespace styletransfer::detail {
namespace {

class CudaGraph : public EvaluationGraph {
 public:
  explicit CudaGraph(int device_index)
      : device_index_(static_cast<c10::DeviceIndex>(device_index)) {}

  void capture(const std::function<void()>& work) override {
    // CUDA records no default stream.
    const c10::cuda::CUDAStream stream = c10::cuda::getStreamFromPool(false, device_index_);
    c10::cuda::getCurrentCUDAStream(device_index_).synchronize();
    {
      const c10::cuda::CUDAStreamGuard guard(stream);
      // cuBLAS and cuDNN make a handle and a workspace for every stream; neither can be recorded.
      work();
      stream.synchronize();
      // A record has memory of its own: what earlier runs left in the cache would be held beside
      // it.
      c10::cuda::CUDACachingAllocator::emptyCache();
      record(work);
    }
    c10::cuda::device_synchronize();
  }

  void replay() override { graph_.replay(); }

 private:
  void record(const std::function<void()>& work) {
    // Other threads may go on using the device.
    graph_.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
    try {
      work();
    } catch (...) {
      const std::exception_ptr reason = std::current_exception();
      try {
        graph_.capture_end();
      } catch (const std::exception&) {
        // It says that the capture is invalid; the reason is the other error.
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
