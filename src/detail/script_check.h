// The check of a TorchScript archive before anything of it is run: its code may only compute.
#pragma once

#include "detail/script_archive.h"

namespace styletransfer::detail {

/// An operation that is not on the list.
class ForbiddenOperation : public UnusableNetwork {
 public:
  using UnusableNetwork::UnusableNetwork;
};

/// Reads the archive's code, as text, and the pickles of its modules and constants, as data. All
/// that they use must be on the list of operations that compute tensors, numbers, texts and lists
/// (script_operations.h), and everything must be written as torch.jit.save writes it: what is not
/// understood is refused. Nothing is executed, and LibTorch's loader is not involved. Throws
/// ForbiddenOperation, which names it and where it is used, or another UnusableNetwork.
void check_script(const ScriptArchive& archive);

}  // namespace styletransfer::detail
