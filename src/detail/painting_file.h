// The file of a painting network: what it is, its module, and what it says of its convention.
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <string>

#include "styletransfer/painting_network.h"

namespace styletransfer::detail {

struct PaintingFile {
  torch::jit::Module module;
  ConventionClues clues;
  std::string kind;
};

/// Loads the file onto `device`, in evaluation mode. Throws UsageError that says what the file is.
[[nodiscard]] PaintingFile load_painting_file(const std::string& path, c10::Device device);

/// Throws the UsageError of a file that cannot be used: "the network 'x.pt' <trouble>".
[[noreturn]] void refuse_painting_file(const std::string& path, const std::string& trouble);

/// What went wrong inside LibTorch, in one line.
[[nodiscard]] std::string last_words(const std::exception& error);

}  // namespace styletransfer::detail
