// Reader for the safetensors format: 8 bytes of header length, a JSON header, raw tensor data.
// Source: https://github.com/huggingface/safetensors, section "Format".
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <string>

namespace styletransfer::detail {

struct SafetensorsFile {
  /// The wanted tensors as contiguous float32 on the CPU, by name.
  std::map<std::string, at::Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// Reads the tensors whose name `wanted` accepts; float16 and bfloat16 are widened. Throws
/// UsageError, one line with the path, for anything that is not a sound file of these types.
[[nodiscard]] SafetensorsFile read_safetensors(
    const std::string& path, const std::function<bool(const std::string&)>& wanted);

}  // namespace styletransfer::detail
