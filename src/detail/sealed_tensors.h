// Tensors and a text in one file that can tell whether it is whole.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

namespace styletransfer::detail {

/// A safetensors file: `text` is an entry of its metadata, and its last tensor, "seal", holds the
/// SHA-256 of every byte before it.
struct SealedTensors {
  std::map<std::string, at::Tensor> tensors;
  std::string text;
};

/// Any device; types float32, float64, bfloat16, int64. Written beside and renamed, piece by piece.
/// Throws RunError (disk).
void write_sealed(const SealedTensors& contents, const std::string& path);

/// The tensors as they were written, on the CPU. Throws UsageError, one line without a remedy, when
/// the file is missing, cut off or changed.
[[nodiscard]] SealedTensors read_sealed(const std::string& path);

}  // namespace styletransfer::detail
