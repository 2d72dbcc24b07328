// Static check of a TorchScript archive before it is run: its code may only compute.
#pragma once

#include "serialization/torchscript_archive.h"

namespace styletransfer::detail {

/// The code uses an operation that is not allowed.
class ForbiddenOperation : public UnusableNetwork {
 public:
  using UnusableNetwork::UnusableNetwork;
};

/// Parses the archive's code as text and the pickles of its modules and constants as data.
/// Everything they use must be on the list of operations that compute tensors, numbers, strings and
/// lists (serialization/torchscript_operations.h), in the form in which torch.jit.save writes it;
/// anything else is refused. Nothing is executed, and LibTorch's loader is not involved. Throws
/// ForbiddenOperation, with the operation and its location, or another UnusableNetwork.
void check_torchscript(const TorchScriptArchive& archive);

}  // namespace styletransfer::detail
