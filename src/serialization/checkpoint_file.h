// Checkpoint file: tensors and a text with a SHA-256 checksum, in safetensors format.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

namespace styletransfer::detail {

/// Contents of a checkpoint file. `text` is an entry of the file's metadata. The last tensor in the
/// file, "seal", holds the SHA-256 of all bytes before it.
struct CheckpointContents {
  std::map<std::string, at::Tensor> tensors;
  std::string text;
};

/// Writes a checkpoint atomically (to a temporary file that is then renamed), a few megabytes at a
/// time. Tensors may be on any device; dtypes float32, float64, bfloat16, int64. Throws RunError if
/// writing fails.
void write_checkpoint_file(const CheckpointContents& contents, const std::string& path);

/// Reads a checkpoint; tensors are on the CPU. Throws UsageError, one line without advice, if the
/// file is missing, truncated or modified.
[[nodiscard]] CheckpointContents read_checkpoint_file(const std::string& path);

}  // namespace styletransfer::detail
