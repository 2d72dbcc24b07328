// Host aliases of device tensors, on which the stand-in computes.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "device_memory.h"

namespace stand_in {

/// An uninitialized device tensor.
[[nodiscard]] at::Tensor empty_on_device(at::IntArrayRef size, at::IntArrayRef stride,
                                         at::ScalarType dtype);

/// A host tensor that shares a device tensor's memory; usable while that is open.
[[nodiscard]] at::Tensor on_host(const at::Tensor& device);

/// The tensors of one operation: opens device tensors and provides host aliases for them.
class HostAliases {
 public:
  /// Returns the alias of a device tensor; any other tensor unchanged.
  [[nodiscard]] at::Tensor of(const at::Tensor& tensor);

  /// Converts a result to a device tensor: the tensor whose alias it is (resized if the operation
  /// resized the alias), or a copy.
  [[nodiscard]] at::Tensor back(const at::Tensor& result);

  /// Counts the operation, and the bytes it reads and writes.
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
