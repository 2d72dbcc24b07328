// Tensors and whole networks out of the records of an archive.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <torch/csrc/jit/api/module.h>

#include <string>

#include "detail/pickle_data.h"

namespace styletransfer::detail {

/// The tensor, contiguous, on the CPU. Throws UnusableNetwork for a damaged record.
[[nodiscard]] at::Tensor read_tensor(const ScriptArchive& archive, const StoredTensor& stored);

/// The archive's module for LibTorch's loader, which gets a new archive in memory of the records
/// that it needs, each with its CRC-32 checked: what was checked is what is loaded, whatever
/// happens to the file meanwhile. Throws UnusableNetwork, and what LibTorch throws.
[[nodiscard]] torch::jit::Module load_module(const ScriptArchive& archive, c10::Device device);

/// The module of a trusted file, read by LibTorch itself from `path`, the archive's, after the
/// CRC-32 of every record was checked. Its code may run while it loads.
[[nodiscard]] torch::jit::Module load_trusted_module(const ScriptArchive& archive,
                                                     const std::string& path, c10::Device device);

}  // namespace styletransfer::detail
