// Helpers of the pickle reader: known types, bounds of tensors, lookup of attributes.
#include <algorithm>
#include <array>

#include "serialization/pickle_data.h"

namespace styletransfer::detail {
namespace {

struct StorageType {
  const char* name;
  at::ScalarType type;
};
constexpr std::array kStorageTypes{
    StorageType{"FloatStorage", at::kFloat}, StorageType{"DoubleStorage", at::kDouble},
    StorageType{"HalfStorage", at::kHalf},   StorageType{"BFloat16Storage", at::kBFloat16},
    StorageType{"LongStorage", at::kLong},   StorageType{"IntStorage", at::kInt},
    StorageType{"ShortStorage", at::kShort}, StorageType{"CharStorage", at::kChar},
    StorageType{"ByteStorage", at::kByte},   StorageType{"BoolStorage", at::kBool},
};

constexpr std::array kListBuilders{
    "torch.jit._pickle build_intlist", "torch.jit._pickle build_doublelist",
    "torch.jit._pickle build_boollist", "torch.jit._pickle build_tensorlist"};

}  // namespace

std::optional<at::ScalarType> storage_type(const std::string& global) {
  for (const StorageType& known : kStorageTypes) {
    if (global == std::string("torch ") + known.name) return known.type;
  }
  return std::nullopt;
}

bool is_list_builder(const std::string& global) {
  return std::find(kListBuilders.begin(), kListBuilders.end(), global) != kListBuilders.end();
}

bool lies_within(const StoredTensor& tensor, std::int64_t elements) {
  if (tensor.offset < 0 || tensor.offset > elements ||
      tensor.sizes.size() != tensor.strides.size()) {
    return false;
  }
  if (std::find(tensor.sizes.begin(), tensor.sizes.end(), 0) != tensor.sizes.end()) return true;
  std::int64_t left = elements - tensor.offset - 1;
  std::int64_t max = elements;
  for (std::size_t i = 0; i < tensor.sizes.size(); ++i) {
    const std::int64_t steps = tensor.sizes[i] - 1;
    if (max / tensor.sizes[i] == 0) return false;
    max /= tensor.sizes[i];
    if (steps == 0 || tensor.strides[i] == 0) continue;
    if (tensor.strides[i] > left / steps) return false;
    left -= steps * tensor.strides[i];
  }
  return left >= 0;
}

const PickledValue* PickledValue::find(const std::string& name) const {
  if (kind == Kind::kObject) return items.empty() ? nullptr : items[0]->find(name);
  if (kind != Kind::kDict) return nullptr;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    if (items[i]->kind == Kind::kText && items[i]->text == name) return items[i + 1].get();
  }
  return nullptr;
}

}  // namespace styletransfer::detail
