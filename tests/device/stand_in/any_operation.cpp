// Fallback for ATen operations on device tensors: runs the CPU kernel while the device memory is
// open.
#include <ATen/ATen.h>
#include <ATen/core/op_registration/op_registration.h>
#include <torch/library.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <string_view>

#include "host_alias.h"
#include "ledger.h"

namespace stand_in {
namespace {

template <std::size_t Count>
bool is_one_of(std::string_view name, const std::array<const char*, Count>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Operations for which CUDA also accepts indices in host memory; it waits while it copies them.
bool takes_host_indices(const std::string& name) {
  return name.rfind("aten::index", 0) == 0 || name.rfind("aten::_index_put", 0) == 0;
}

/// Products that CUDA supports for floating-point types only.
bool is_product(std::string name) {
  static constexpr std::array kProducts{"aten::mm",      "aten::addmm", "aten::bmm",
                                        "aten::baddbmm", "aten::mv",    "aten::addmv",
                                        "aten::dot",     "aten::addr",  "aten::convolution"};
  if (name.back() == '_') name.pop_back();
  return is_one_of(name, kProducts);
}

/// Operations that wait on CUDA: for a value, the size of their result or an error code.
bool waits(const std::string& name) {
  static constexpr std::array kWaiting{
      "aten::_local_scalar_dense", "aten::nonzero",   "aten::masked_select", "aten::equal",
      "aten::_linalg_eigh",        "aten::linalg_qr", "aten::_linalg_svd",   "aten::bincount"};
  return is_one_of(name, kWaiting) || name.rfind("aten::_unique", 0) == 0;
}

/// Replaces the operation's tensors by their host aliases. Returns true if any of them was a host
/// tensor other than a 0-dimensional one.
bool replace_arguments(HostAliases& aliases, c10::ArrayRef<c10::Argument> arguments,
                       torch::jit::Stack& stack) {
  bool has_host_tensor = false;
  const auto alias = [&](const at::Tensor& tensor) {
    if (tensor.defined() && !tensor.is_cuda() && tensor.dim() > 0) has_host_tensor = true;
    return aliases.of(tensor);
  };
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    c10::IValue& value = stack[stack.size() - arguments.size() + i];
    if (value.isTensor()) {
      value = alias(value.toTensor());
    } else if (value.isTensorList()) {
      c10::List<at::Tensor> list;
      for (const at::Tensor& tensor : value.toTensorVector()) list.push_back(alias(tensor));
      value = std::move(list);
    } else if (value.isOptionalTensorList()) {
      c10::List<std::optional<at::Tensor>> list;
      for (const std::optional<at::Tensor>& tensor : value.toOptionalTensorVector()) {
        list.push_back(tensor && tensor->defined() ? std::optional(alias(*tensor)) : std::nullopt);
      }
      value = std::move(list);
    } else if (value.isDevice()) {
      TORCH_CHECK(false, "fake CUDA: makes a tensor in a way that has no form here");
    }
  }
  return has_host_tensor;
}

void replace_results(HostAliases& aliases, std::size_t results, torch::jit::Stack& stack) {
  for (std::size_t i = 0; i < results; ++i) {
    c10::IValue& value = stack[stack.size() - results + i];
    if (value.isTensor()) {
      value = aliases.back(value.toTensor());
    } else if (value.isTensorList()) {
      c10::List<at::Tensor> list;
      for (const at::Tensor& tensor : value.toTensorVector()) list.push_back(aliases.back(tensor));
      value = std::move(list);
    }
  }
}

void any_operation(const c10::OperatorHandle& op, c10::DispatchKeySet /*keys*/,
                   torch::jit::Stack* stack) {
  const std::string& name = op.schema().name();
  HostAliases aliases;
  const bool has_host_tensor = replace_arguments(aliases, op.schema().arguments(), *stack);
  TORCH_CHECK(!has_host_tensor || takes_host_indices(name),
              "Expected all tensors to be on the same device, but found at least two devices, "
              "cuda:0 and cpu! (in ",
              name, ")");
  TORCH_CHECK(!aliases.has_integers() || !is_product(name), "\"", name,
              "_cuda\" not implemented for integers");
  if (waits(name)) count_wait(name);
  if (has_host_tensor) count_wait("indices of the host in " + name);
  try {
    op.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::CPU), stack);
  } catch (const std::exception&) {
    if (is_traced()) std::fprintf(stderr, "fake CUDA: %s throws\n", name.c_str());
    throw;
  }
  replace_results(aliases, op.schema().returns().size(), *stack);
  aliases.count_operation(name);
}

}  // namespace
}  // namespace stand_in

TORCH_LIBRARY_IMPL(_, CUDA, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&stand_in::any_operation>());
}

TORCH_LIBRARY_IMPL(aten, CUDA, library) {
  // Composite operations that would otherwise call NVIDIA's libraries.
  library.impl("convolution",
               torch::CppFunction::makeFromBoxedFunction<&stand_in::any_operation>());
  library.impl("convolution_backward",
               torch::CppFunction::makeFromBoxedFunction<&stand_in::any_operation>());
}
