// The file of a painting network: what it is, its module, and what it says of its convention.
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <string>

#include "detail/script_archive.h"
#include "styletransfer/painting_network.h"

namespace styletransfer::detail {

struct PaintingFile {
  torch::jit::Module module;
  ConventionClues clues;
  std::string kind;
};

/// Reads the file as data, runs nothing. Throws UsageError that says what the file is, what is
/// damaged, or, unless it is trusted, which operation may do more than compute a picture.
[[nodiscard]] ScriptArchive open_painting_file(const std::string& path, NetworkTrust trust);

/// Loads what open_painting_file found onto `device`, in evaluation mode. Throws UsageError.
[[nodiscard]] PaintingFile load_painting_file(const std::string& path, const ScriptArchive& archive,
                                              NetworkTrust trust, c10::Device device);

/// Throws the UsageError of a file that cannot be used: "the network 'x.pt' <trouble>".
[[noreturn]] void refuse_painting_file(const std::string& path, const std::string& trouble);

/// What went wrong inside LibTorch, in one line of printable characters.
[[nodiscard]] std::string last_words(const std::exception& error);

}  // namespace styletransfer::detail
