// Reader for the pickles in a TorchScript archive.
//
// Parses values and tensor descriptions as data; executes nothing.
#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "serialization/torchscript_archive.h"

namespace styletransfer::detail {

/// Location of a tensor in the archive; always within its record.
struct StoredTensor {
  std::string record;
  at::ScalarType type = at::kFloat;
  /// Offset from the start of the record, in elements.
  std::int64_t offset = 0;
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;
};

/// The dtype of a storage class by its name in a pickle ("torch FloatStorage"); std::nullopt for
/// any other name.
[[nodiscard]] std::optional<at::ScalarType> storage_type(const std::string& global);

/// True for the name of a function that converts a list to a typed list ("torch.jit._pickle
/// build_intlist").
[[nodiscard]] bool is_list_builder(const std::string& global);

/// True if the tensor's elements all lie within a record of `elements` elements and the tensor has
/// no more elements than the record.
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
  /// True once it is part of another value; it must not change any more.
  bool is_settled = false;

  /// The value of a key (kDict) or attribute (kObject); null if there is none.
  [[nodiscard]] const PickledValue* find(const std::string& name) const;
};

struct Pickle {
  PickledRef root;
  /// Classes of the archive that the pickle instantiates.
  std::set<std::string> classes;
};

/// Reads NAME.pkl, whose tensors are in the records NAME/0, NAME/1 ... Accepts only what LibTorch
/// itself writes for modules, tensors, numbers, strings, lists and dictionaries. Throws
/// UnusableNetwork for anything else, for a tensor that exceeds its record, and for excessive
/// nesting or size.
[[nodiscard]] Pickle read_pickle(const TorchScriptArchive& archive, const std::string& name);

}  // namespace styletransfer::detail
