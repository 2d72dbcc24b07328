// Trust setting of a network file: whether its code is checked before use.
#pragma once

namespace styletransfer {

enum class NetworkTrust {
  /// The file may contain only operations that compute an image.
  kChecked,
  /// The user trusts the file: its code runs unchecked, like any program.
  kTrusted,
};

}  // namespace styletransfer
