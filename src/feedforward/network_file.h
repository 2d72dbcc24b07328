// Loading of feed-forward network files: type check, TorchScript module, and convention attributes.
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <string>

#include "serialization/torchscript_archive.h"
#include "styletransfer/feed_forward_network.h"

namespace styletransfer::detail {

struct FeedForwardFile {
  torch::jit::Module module;
  ConventionClues clues;
  std::string kind;
};

/// Reads the file as data; runs nothing. Throws UsageError that says what the file is, what is
/// damaged, or, unless it is trusted, which operation may do more than compute an image.
[[nodiscard]] TorchScriptArchive open_network_file(const std::string& path, NetworkTrust trust);

/// Loads the archive from open_network_file onto `device`, in evaluation mode. Throws UsageError.
[[nodiscard]] FeedForwardFile load_network_file(const std::string& path,
                                                const TorchScriptArchive& archive,
                                                NetworkTrust trust, c10::Device device);

/// Throws the UsageError for an unusable file: "the network 'x.pt' <problem>".
[[noreturn]] void refuse_network_file(const std::string& path, const Message& problem);

/// Returns a text attribute of the module with its control characters replaced; empty if it has
/// none of that name.
[[nodiscard]] std::string text_attribute(const torch::jit::Module& module, const std::string& name);

/// Replaces whatever a terminal would interpret: the text may come from an untrusted file.
[[nodiscard]] std::string printable(std::string text);

/// Returns the cause of a LibTorch error in one line of printable characters.
[[nodiscard]] std::string last_error_text(const std::exception& error);

}  // namespace styletransfer::detail
