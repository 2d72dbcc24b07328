// Numbers that a GPU may still be computing, read together with a single synchronization.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <initializer_list>
#include <memory>
#include <vector>

namespace styletransfer {

/// A known number, or a weighted sum of numbers that a device may still be computing. Reading a
/// number from a GPU waits for everything queued before it, so losses are passed around in this
/// form and read late and together. On the CPU every number is known immediately.
class DeferredNumber {
 public:
  // Implicit: a known number is a special case. NOLINTNEXTLINE(google-explicit-constructor)
  DeferredNumber(double known = 0.0) : known_(known) {}
  /// The only element of a tensor of any floating-point type.
  explicit DeferredNumber(const at::Tensor& element);

  DeferredNumber& operator+=(const DeferredNumber& other);
  DeferredNumber& operator*=(double factor);
  DeferredNumber& operator/=(double divisor);

  /// The number as a 0-dimensional float64 (on MPS float32) tensor on a device, without waiting.
  [[nodiscard]] at::Tensor on_device(c10::Device device) const;
  /// True if get() does not have to wait.
  [[nodiscard]] bool is_known() const;
  /// The number. Waits for the device if it has not been read yet.
  [[nodiscard]] double get() const;

 private:
  friend std::vector<double> read_together(
      std::initializer_list<std::reference_wrapper<const DeferredNumber>> numbers,
      const at::Tensor& values);

  /// A number on a device, shared by all sums it is part of: it is read once for all of them.
  struct Element {
    at::Tensor on_device;  // undefined after it has been read
    double value = 0.0;
  };
  struct Part {
    double factor;
    std::shared_ptr<Element> element;
  };

  double known_;
  std::vector<Part> parts_;
};

/// Reads all `numbers` with one wait; afterwards they are known. Returns the elements of `values`,
/// which are read in the same transfer, or none if it is undefined.
std::vector<double> read_together(
    std::initializer_list<std::reference_wrapper<const DeferredNumber>> numbers,
    const at::Tensor& values = {});

}  // namespace styletransfer
