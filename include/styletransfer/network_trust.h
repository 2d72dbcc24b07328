// Layer 0: whether the code of a network file is checked before the file is used.
#pragma once

namespace styletransfer {

enum class NetworkTrust {
  /// Only operations that compute a picture may be in it.
  kChecked,
  /// The user vouches for it: it may run as any program does.
  kTrusted,
};

}  // namespace styletransfer
