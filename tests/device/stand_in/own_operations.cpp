// Operations that the fallback cannot handle: allocation, views, copies, and CUDA-only operations.
#include <ATen/ATen.h>
#include <ATen/EmptyTensor.h>
#include <ATen/TensorIterator.h>
#include <ATen/native/Copy.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/set_native.h>
#include <ATen/ops/unfold_native.h>
#include <ATen/ops/view_native.h>
#include <torch/library.h>

#include <optional>
#include <string>

#include "host_alias.h"
#include "ledger.h"

namespace stand_in {
namespace {

void check_index(const std::optional<at::Device>& device) {
  TORCH_CHECK(!device || device->index() <= 0, "CUDA error: invalid device ordinal");
}

at::Tensor empty(at::IntArrayRef size, std::optional<at::ScalarType> dtype,
                 std::optional<at::Layout> /*layout*/, std::optional<at::Device> device,
                 std::optional<bool> /*pin_memory*/, std::optional<at::MemoryFormat> format) {
  check_index(device);
  return at::detail::empty_generic(size, &device_allocator(),
                                   c10::DispatchKeySet(c10::DispatchKey::CUDA),
                                   c10::dtype_or_default(dtype), format);
}

at::Tensor empty_strided(at::IntArrayRef size, at::IntArrayRef stride,
                         std::optional<at::ScalarType> dtype, std::optional<at::Layout> /*layout*/,
                         std::optional<at::Device> device, std::optional<bool> /*pin_memory*/) {
  check_index(device);
  return empty_on_device(size, stride, c10::dtype_or_default(dtype));
}

at::Tensor& set_storage(at::Tensor& self, at::Storage source, std::int64_t offset,
                        at::IntArrayRef size, at::IntArrayRef stride) {
  return at::native::set_storage_cpu_(self, std::move(source), offset, size, stride);
}

/// Counts a copy. Within the device it is an operation. To the host it always waits; to the device
/// it waits unless `non_blocking` (CUDA first copies pageable memory to a staging buffer, then
/// continues).
void count_copy(const at::Tensor& from, const at::Tensor& to, bool non_blocking) {
  const auto bytes = static_cast<long>(from.numel()) * static_cast<long>(from.itemsize());
  if (from.is_cuda() && to.is_cuda()) {
    const long all = bytes + static_cast<long>(to.numel()) * static_cast<long>(to.itemsize());
    count("aten::copy_");
    count("operations");
    count("bytes of aten::copy_", all);
    count("bytes moved", all);
    return;
  }
  const std::string way = to.is_cuda() ? "copy to the device" : "copy to the host";
  count("copies");
  count(way);
  count("bytes of " + way, bytes);
  if (!to.is_cuda() || !non_blocking) count_wait(way);
}

void copy(at::TensorIterator& iterator, bool non_blocking) {
  const at::Tensor to = iterator.tensor(0);
  const at::Tensor from = iterator.tensor(1);
  count_copy(from, to, non_blocking);
  HostAliases aliases;
  at::Tensor host_to = aliases.of(to).detach();
  host_to.copy_(aliases.of(from).detach());
}

/// A matrix product with a wider result type than its factors; only CUDA has this.
template <typename Product>
at::Tensor wide_product(const char* name, const at::Tensor& self, const at::Tensor& other,
                        at::ScalarType dtype, const Product& product) {
  TORCH_CHECK(self.scalar_type() == other.scalar_type(), "expected factors of one type");
  TORCH_CHECK(dtype == self.scalar_type() ||
                  (dtype == at::kFloat && c10::isReducedFloatingType(self.scalar_type())),
              "out_dtype must be the same as input dtype or fp32 for fp16/bf16 inputs");
  HostAliases aliases;
  at::Tensor result =
      aliases.back(product(aliases.of(self).to(dtype), aliases.of(other).to(dtype)));
  aliases.count_operation(name);
  return result;
}

at::Tensor mm_in(const at::Tensor& self, const at::Tensor& other, at::ScalarType dtype) {
  return wide_product("aten::mm.dtype", self, other, dtype,
                      [](const at::Tensor& a, const at::Tensor& b) { return at::mm(a, b); });
}

at::Tensor bmm_in(const at::Tensor& self, const at::Tensor& other, at::ScalarType dtype) {
  return wide_product("aten::bmm.dtype", self, other, dtype,
                      [](const at::Tensor& a, const at::Tensor& b) { return at::bmm(a, b); });
}

at::Tensor convolution_relu(const at::Tensor& self, const at::Tensor& weight,
                            const std::optional<at::Tensor>& bias, at::IntArrayRef stride,
                            at::IntArrayRef padding, at::IntArrayRef dilation,
                            std::int64_t groups) {
  TORCH_CHECK(self.is_cuda() && weight.is_cuda() && (!bias || bias->is_cuda()),
              "cudnn_convolution_relu: a tensor of the host among those of the device");
  HostAliases aliases;
  const at::Tensor output =
      at::conv2d(aliases.of(self), aliases.of(weight), bias ? aliases.of(*bias) : at::Tensor(),
                 stride, padding, dilation, groups);
  at::Tensor result = aliases.back(at::relu(output));
  aliases.count_operation("aten::cudnn_convolution_relu");
  return result;
}

}  // namespace
}  // namespace stand_in

namespace at::native {
REGISTER_CUDA_DISPATCH(copy_stub, &::stand_in::copy)
}

TORCH_LIBRARY_IMPL(aten, CUDA, library) {
  library.impl("empty.memory_format", stand_in::empty);
  library.impl("empty_strided", stand_in::empty_strided);
  library.impl("as_strided", at::native::as_strided_tensorimpl);
  library.impl("view", at::native::view);
  library.impl("_reshape_alias", at::native::_reshape_alias);
  library.impl("unfold", at::native::unfold);
  library.impl("set_.source_Storage_storage_offset", stand_in::set_storage);
  // Not in every version of LibTorch; registering an unknown operation has no effect.
  library.impl("mm.dtype", stand_in::mm_in);
  library.impl("bmm.dtype", stand_in::bmm_in);
  library.impl("cudnn_convolution_relu", stand_in::convolution_relu);
}
