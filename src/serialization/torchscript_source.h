// Parser for the code of a TorchScript archive.
#pragma once

#include <torch/csrc/jit/frontend/tree_views.h>

#include <set>
#include <string>
#include <vector>

#include "serialization/torchscript_archive.h"

namespace styletransfer::detail {

/// A class or function at the top level of a file.
struct Definition {
  /// "code/__torch__.py", for messages.
  std::string file;
  torch::jit::TreeRef tree;
};

/// The definitions of an archive, and all names they introduce.
struct TorchScriptSource {
  std::vector<Definition> definitions;
  /// Full names: "__torch__.torch.nn.functional.relu".
  std::set<std::string> functions;
  std::set<std::string> classes;
  /// Names of the methods and of the attributes of all classes.
  std::set<std::string> methods;
  std::set<std::string> attributes;
};

/// Parses all code of the archive with LibTorch's parser, which executes nothing. Files, lines or
/// nesting beyond what real networks have are refused before that, because the parser is recursive.
/// Throws UnusableNetwork.
[[nodiscard]] TorchScriptSource read_torchscript_source(const TorchScriptArchive& archive);

}  // namespace styletransfer::detail
