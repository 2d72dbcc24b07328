// Opens the library that makes CUDA graphs, where it lies beside the program.
#pragma once

#include <memory>
#include <string>

#include "detail/recorded_work.h"

namespace styletransfer::detail {

/// A graph on a CUDA device. Only after open_cuda_library(). Throws RunError, saying why, where the
/// library is missing, does not load or was compiled for another LibTorch.
[[nodiscard]] std::unique_ptr<EvaluationGraph> make_cuda_graph(int device_index);

}  // namespace styletransfer::detail
