// Allowlist of operations for the code of untrusted networks.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace styletransfer::detail {

/// Operations of the namespace aten ("torch.NAME(...)") that compute tensors, numbers, strings and
/// lists from one another; without in-place forms ("relu", not "relu_"). Sorted.
[[nodiscard]] std::span<const std::string_view> allowed_aten_operations();

/// True for an allowed operation and for its in-place form.
[[nodiscard]] bool is_allowed_aten(std::string_view name);
/// Operations of the namespace prim: "ops.prim.NAME(...)".
[[nodiscard]] bool is_allowed_prim(std::string_view name);
/// Built-in functions of the language: "range(...)", "annotate(...)".
[[nodiscard]] bool is_allowed_builtin(std::string_view name);
/// Properties of a tensor: "x.shape".
[[nodiscard]] bool is_allowed_property(std::string_view name);
/// Types in annotations: "Tensor", "List".
[[nodiscard]] bool is_allowed_type(std::string_view name);

}  // namespace styletransfer::detail
