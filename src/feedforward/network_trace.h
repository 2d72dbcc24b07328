// Tracing of a network while it runs: a straight-line list of operations, whether its code is
// scripted or traced, with or without branches.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <functional>
#include <string>
#include <vector>

namespace styletransfer::detail {

/// One top-level call of an operation; nested calls are not recorded.
struct TracedCall {
  /// "aten::conv2d" and the overload, often "".
  std::string name;
  std::string overload;
  std::vector<c10::IValue> inputs;
  /// Index of the value that each input is; -1 for parameters and other constants.
  std::vector<int> input_values;
};

struct NetworkTrace {
  /// calls[i] produces value i + 1; value 0 is the network's input. Calls that do not depend on the
  /// input are omitted: their results are constants.
  std::vector<TracedCall> calls;
  /// Sizes of all values.
  std::vector<std::vector<std::int64_t>> sizes;
  /// Index of the network's output; -1 if it cannot be traced.
  int output = -1;
};

/// Runs `network` on `input` and records its operations.
[[nodiscard]] NetworkTrace trace_network(
    const std::function<at::Tensor(const at::Tensor&)>& network, const at::Tensor& input);

/// Upper bound of the bytes of all values that are alive at the same time.
[[nodiscard]] std::int64_t peak_value_bytes(const NetworkTrace& trace, std::int64_t element_bytes);

}  // namespace styletransfer::detail
