// Loader of libstyletransfer_cuda_graph.so, which is installed next to the program.
#pragma once

#include <memory>
#include <string>

#include "device/recorded_work.h"

namespace styletransfer::detail {

/// Creates a graph on a CUDA device. Call open_cuda_library() first. Throws RunError with the
/// reason if the library is missing, does not load, or was compiled for another LibTorch version.
[[nodiscard]] std::unique_ptr<EvaluationGraph> make_cuda_graph(int device_index);

}  // namespace styletransfer::detail
