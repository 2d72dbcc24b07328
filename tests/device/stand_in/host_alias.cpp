#include "host_alias.h"

#include <ATen/ATen.h>
#include <ATen/EmptyTensor.h>
#include <ATen/ops/set_native.h>

#include "ledger.h"

namespace stand_in {
namespace {

long bytes_of(const at::Tensor& tensor) {
  return static_cast<long>(tensor.numel()) * static_cast<long>(tensor.itemsize());
}

at::Tensor copied_to_device(const at::Tensor& host) {
  at::Tensor device = empty_on_device(host.sizes(), host.strides(), host.scalar_type());
  if (device.numel() == 0) return device;
  OpenMemory open;
  open.open(device);
  on_host(device).copy_(host);
  return device;
}

}  // namespace

at::Tensor empty_on_device(at::IntArrayRef size, at::IntArrayRef stride, at::ScalarType dtype) {
  return at::detail::empty_strided_generic(size, stride, &device_allocator(),
                                           c10::DispatchKeySet(c10::DispatchKey::CUDA), dtype);
}

at::Tensor on_host(const at::Tensor& device) {
  const auto options = at::TensorOptions().dtype(device.scalar_type()).device(at::kCPU);
  // Unlike from_blob's tensors, this one can be resized, as `out` arguments are.
  if (device.numel() == 0) return at::empty(device.sizes(), options);
  auto* data = static_cast<char*>(device.storage().mutable_data());
  data += device.storage_offset() * static_cast<std::int64_t>(device.itemsize());
  return at::from_blob(data, device.sizes(), device.strides(), options);
}

at::Tensor HostAliases::of(const at::Tensor& tensor) {
  if (!tensor.defined() || !tensor.is_cuda()) return tensor;
  for (const Alias& alias : aliases_) {
    if (alias.device.is_same(tensor)) return alias.host;
  }
  has_integers_ = has_integers_ || c10::isIntegralType(tensor.scalar_type(), /*includeBool=*/true);
  open_.open(tensor);
  aliases_.push_back({tensor, on_host(tensor)});
  bytes_ += bytes_of(tensor);
  return aliases_.back().host;
}

at::Tensor HostAliases::back(const at::Tensor& result) {
  if (!result.defined()) return result;
  for (const Alias& alias : aliases_) {
    if (!result.is_same(alias.host)) continue;
    if (alias.device.sizes() != result.sizes()) {
      const at::Tensor made = copied_to_device(result);
      at::Tensor device = alias.device;
      at::native::set_storage_cpu_(device, made.storage(), 0, made.sizes(), made.strides());
    }
    return alias.device;
  }
  bytes_ += bytes_of(result);
  return copied_to_device(result);
}

void HostAliases::count_operation(const std::string& name) const {
  count(name);
  count("operations");
  count("bytes of " + name, bytes_);
  count("bytes moved", bytes_);
}

}  // namespace stand_in
