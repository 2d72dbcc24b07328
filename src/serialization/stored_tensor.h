// Loading of tensors and modules from a TorchScript archive.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <torch/csrc/jit/api/module.h>

#include <string>

#include "serialization/pickle_data.h"

namespace styletransfer::detail {

/// Reads a tensor; contiguous, on the CPU. Throws UnusableNetwork for a damaged record.
[[nodiscard]] at::Tensor read_tensor(const TorchScriptArchive& archive, const StoredTensor& stored);

/// Loads the archive's module with LibTorch, from a new archive in memory that contains only the
/// records LibTorch needs, each with a verified CRC-32. Even if the file changes meanwhile, exactly
/// what was checked is loaded. Throws UnusableNetwork, and whatever LibTorch throws.
[[nodiscard]] torch::jit::Module load_module(const TorchScriptArchive& archive, c10::Device device);

/// Loads the module of a trusted file: verifies the CRC-32 of every record, then LibTorch reads the
/// file at `path` (the archive's) itself. The module's code may run while it is loaded.
[[nodiscard]] torch::jit::Module load_trusted_module(const TorchScriptArchive& archive,
                                                     const std::string& path, c10::Device device);

}  // namespace styletransfer::detail
