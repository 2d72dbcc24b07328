#include "device/deferred_number.h"

#include <ATen/ATen.h>

#include <cstddef>
#include <cstdint>

namespace styletransfer {
namespace {

/// The widest floating-point type that a device supports.
at::ScalarType widest_type(c10::Device device) {
  return device.is_mps() ? at::kFloat : at::kDouble;
}

std::vector<double> elements_of(const at::Tensor& tensor) {
  const at::Tensor host = tensor.to(at::kCPU).to(at::kDouble).contiguous();
  const auto* first = host.const_data_ptr<double>();
  return {first, first + host.numel()};
}

}  // namespace

DeferredNumber::DeferredNumber(const at::Tensor& element) : known_(0.0) {
  if (element.is_cpu()) {
    known_ = element.item<double>();
  } else {
    parts_.push_back({1.0, std::make_shared<Element>(Element{element})});
  }
}

DeferredNumber& DeferredNumber::operator+=(const DeferredNumber& other) {
  known_ += other.known_;
  const std::vector<Part> added = other.parts_;
  parts_.insert(parts_.end(), added.begin(), added.end());
  return *this;
}

DeferredNumber& DeferredNumber::operator*=(double factor) {
  known_ *= factor;
  for (Part& part : parts_) part.factor *= factor;
  return *this;
}

DeferredNumber& DeferredNumber::operator/=(double divisor) {
  known_ /= divisor;
  for (Part& part : parts_) part.factor /= divisor;
  return *this;
}

at::Tensor DeferredNumber::on_device(c10::Device device) const {
  const auto options = at::TensorOptions().device(device).dtype(widest_type(device));
  double known = known_;
  for (const Part& part : parts_) {
    if (!part.element->on_device.defined()) known += part.factor * part.element->value;
  }
  at::Tensor sum = at::full({}, known, options);
  for (const Part& part : parts_) {
    if (part.element->on_device.defined()) {
      sum.add_(part.element->on_device.reshape({}).to(sum.scalar_type()), part.factor);
    }
  }
  return sum;
}

bool DeferredNumber::is_known() const {
  for (const Part& part : parts_) {
    if (part.element->on_device.defined()) return false;
  }
  return true;
}

double DeferredNumber::get() const {
  read_together({*this});
  double sum = known_;
  for (const Part& part : parts_) sum += part.factor * part.element->value;
  return sum;
}

std::vector<double> read_together(
    std::initializer_list<std::reference_wrapper<const DeferredNumber>> numbers,
    const at::Tensor& values) {
  std::vector<at::Tensor> flat;
  std::vector<DeferredNumber::Element*> elements;
  const auto add = [&](const at::Tensor& tensor) {
    flat.push_back(tensor.reshape({-1}).to(widest_type(tensor.device())));
  };
  for (const DeferredNumber& number : numbers) {
    for (const DeferredNumber::Part& part : number.parts_) {
      if (!part.element->on_device.defined()) continue;
      add(part.element->on_device);
      part.element->on_device.reset();
      elements.push_back(part.element.get());
    }
  }
  if (elements.empty()) return values.defined() ? elements_of(values) : std::vector<double>();
  if (values.defined()) add(values);
  const std::vector<double> read = elements_of(flat.size() == 1 ? flat.front() : at::cat(flat));
  for (std::size_t i = 0; i < elements.size(); ++i) elements[i]->value = read[i];
  return {read.begin() + static_cast<std::ptrdiff_t>(elements.size()), read.end()};
}

}  // namespace styletransfer
