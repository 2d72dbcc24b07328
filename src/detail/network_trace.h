// What a network does, observed while it runs: operations in a straight line, whatever form its
// code has (scripted or traced, with branches or without).
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <functional>
#include <string>
#include <vector>

namespace styletransfer::detail {

/// One call of an operation, not one of those that it calls itself.
struct TracedCall {
  /// "aten::conv2d" and the overload, often "".
  std::string name;
  std::string overload;
  std::vector<c10::IValue> inputs;
  /// The values that these inputs are; -1 for parameters and other constants.
  std::vector<int> input_values;
};

struct NetworkTrace {
  /// calls[i] gives value i + 1; value 0 is the network's input. Calls that do not depend on the
  /// input are left out: what they give is a constant.
  std::vector<TracedCall> calls;
  /// Sizes of all values.
  std::vector<std::vector<std::int64_t>> sizes;
  /// The network's output; -1 where it cannot be followed.
  int output = -1;
};

/// Runs `network` on `input` and writes down what it does.
[[nodiscard]] NetworkTrace trace_network(
    const std::function<at::Tensor(const at::Tensor&)>& network, const at::Tensor& input);

/// Bytes of all values that are alive at the same time, at most: what the run took in tensors.
[[nodiscard]] std::int64_t peak_value_bytes(const NetworkTrace& trace, std::int64_t element_bytes);

}  // namespace styletransfer::detail
