// Reader for the pickles inside a TorchScript archive: values and descriptions of tensors, as data.
#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "detail/script_archive.h"

namespace styletransfer::detail {

/// A tensor's place in the archive; it lies within its record.
struct StoredTensor {
  std::string record;
  at::ScalarType type = at::kFloat;
  /// In elements, from the record's start.
  std::int64_t offset = 0;
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;
};

/// The type of a storage by its name in a pickle, "torch FloatStorage"; none for any other.
[[nodiscard]] std::optional<at::ScalarType> storage_type(const std::string& global);

/// A function, by such a name, that makes a typed list of a list.
[[nodiscard]] bool is_list_builder(const std::string& global);

/// All elements are among the record's `elements`, each of them once at most.
[[nodiscard]] bool lies_within(const StoredTensor& tensor, std::int64_t elements);

struct PickledValue;
using PickledRef = std::shared_ptr<PickledValue>;

struct PickledValue {
  enum class Kind {
    kNone,
    kBool,
    kInt,
    kDouble,
    kText,
    /// `text` is "module name".
    kGlobal,
    kTuple,
    kList,
    /// `items` are key, value, key, value ...
    kDict,
    /// An instance of the class `text`, "__torch__.Name"; `items` holds its dictionary of
    /// attributes.
    kObject,
    kStorage,
    kTensor,
  };
  Kind kind = Kind::kNone;
  std::int64_t whole = 0;
  double real = 0.0;
  std::string text;
  std::vector<PickledRef> items;
  StoredTensor tensor;
  int depth = 1;
  /// It is a part of another value and does not change any more.
  bool is_settled = false;

  /// The value of a key (kDict) or attribute (kObject); null when there is none.
  [[nodiscard]] const PickledValue* find(const std::string& name) const;
};

struct Pickle {
  PickledRef root;
  /// Classes of the archive that the pickle makes instances of.
  std::set<std::string> classes;
};

/// Reads NAME.pkl, whose tensors are in the records NAME/0, NAME/1 ... Only what LibTorch itself
/// writes for modules, tensors, numbers, texts, lists and dictionaries is taken. Throws
/// UnusableNetwork: anything else, a tensor beyond its record, too deeply nested or too large.
[[nodiscard]] Pickle read_pickle(const ScriptArchive& archive, const std::string& name);

}  // namespace styletransfer::detail
