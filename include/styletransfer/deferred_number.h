// Layer 1: numbers that a device is still computing, and reading several of them with one wait.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <initializer_list>
#include <memory>
#include <vector>

namespace styletransfer {

/// A number that is known, or a weighted sum of numbers that a device may still be computing. To
/// read a number of a GPU is to wait until everything queued there before it is done, so numbers
/// are passed on like this and read late and together. On the CPU every number is known at once.
class DeferredNumber {
 public:
  // A known number is one too. NOLINTNEXTLINE(google-explicit-constructor)
  DeferredNumber(double known = 0.0) : known_(known) {}
  /// The only element of a tensor, of any floating type.
  explicit DeferredNumber(const at::Tensor& element);

  DeferredNumber& operator+=(const DeferredNumber& other);
  DeferredNumber& operator*=(double factor);
  DeferredNumber& operator/=(double divisor);

  /// The number as a float64 (on MPS float32) tensor of no dimensions on a device, without waiting.
  [[nodiscard]] at::Tensor on_device(c10::Device device) const;
  /// Whether get() need not wait.
  [[nodiscard]] bool is_known() const;
  /// The number; waits for the device where it has not been read.
  [[nodiscard]] double get() const;

 private:
  friend std::vector<double> read_together(
      std::initializer_list<std::reference_wrapper<const DeferredNumber>> numbers,
      const at::Tensor& values);

  /// Shared by all numbers that it is a part of: read for one, it is known to all.
  struct Element {
    at::Tensor on_device;  // undefined once it is read
    double value = 0.0;
  };
  struct Part {
    double factor;
    std::shared_ptr<Element> element;
  };

  double known_;
  std::vector<Part> parts_;
};

/// Makes numbers known, with one wait for all of them. Returns the elements of `values`, which are
/// read with them; none where that is undefined.
std::vector<double> read_together(
    std::initializer_list<std::reference_wrapper<const DeferredNumber>> numbers,
    const at::Tensor& values = {});

}  // namespace styletransfer
