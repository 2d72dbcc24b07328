// The code of a TorchScript archive as syntax trees.
#pragma once

#include <torch/csrc/jit/frontend/tree_views.h>

#include <set>
#include <string>
#include <vector>

#include "detail/script_archive.h"

namespace styletransfer::detail {

/// A class or function at the top of a file.
struct Definition {
  /// "code/__torch__.py", for messages.
  std::string file;
  torch::jit::TreeRef tree;
};

struct ScriptSource {
  std::vector<Definition> definitions;
  /// Full names: "__torch__.torch.nn.functional.relu".
  std::set<std::string> functions;
  std::set<std::string> classes;
  /// Names of the methods and of the attributes of all classes.
  std::set<std::string> methods;
  std::set<std::string> attributes;
};

/// Parses all code of the archive with LibTorch's own parser, which runs nothing, after a check
/// that no file or line is long or nested beyond what such networks have. Throws UnusableNetwork.
[[nodiscard]] ScriptSource read_script_source(const ScriptArchive& archive);

}  // namespace styletransfer::detail
