// Device tensors as tensors of the host, on which the stand-in computes.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "device_memory.h"

namespace stand_in {

/// An uninitialized tensor of the device.
[[nodiscard]] at::Tensor empty_on_device(at::IntArrayRef size, at::IntArrayRef stride,
                                         at::ScalarType dtype);

/// The memory of a device tensor as a tensor of the host; usable while it is open.
[[nodiscard]] at::Tensor on_host(const at::Tensor& device);

/// One operation's view of its tensors: those of the device open, and as tensors of the host.
class HostAliases {
 public:
  /// Of a tensor of the device its alias; any other tensor as it is.
  [[nodiscard]] at::Tensor of(const at::Tensor& tensor);

  /// A result on the device: the tensor whose alias it is, taking over an extent that the operation
  /// changed, or a copy.
  [[nodiscard]] at::Tensor back(const at::Tensor& result);

  /// Counts the operation and the bytes that it reads and writes.
  void count_operation(const std::string& name) const;

  [[nodiscard]] bool has_integers() const { return has_integers_; }

 private:
  struct Alias {
    at::Tensor device;
    at::Tensor host;
  };

  OpenMemory open_;
  std::vector<Alias> aliases_;
  bool has_integers_ = false;
  long bytes_ = 0;
};

}  // namespace stand_in
