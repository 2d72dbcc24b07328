// Commands and their options as plain data, for the shell completions, the manual page and
// docs/flags.md.
#pragma once

#include <string>
#include <vector>

#include "cli/args/option_table.h"

namespace styletransfer::cli {

struct CommandShape {
  /// Empty for the main command; "model import".
  std::string name;
  std::string help;
  /// Positional arguments: "IMAGE", ...; most commands have none.
  std::vector<std::string> arguments;
  /// Without metavar where no value must follow.
  std::vector<OptionRow> flags;
};

/// The shape of a command with these options.
[[nodiscard]] CommandShape command_shape(const std::string& name, const std::string& help,
                                         const OptionTable& table);

/// The groups of a command's flags in order, each with its flags.
[[nodiscard]] std::vector<std::vector<OptionRow>> groups_of(const CommandShape& command);

/// Literal choices of a value: {"content", "noise"} for "content|noise|FILE".
[[nodiscard]] std::vector<std::string> choices_of(const std::string& metavar);

/// The files that a value may name, to complete only these and folders.
enum class PathKind { kNone, kAnyFile, kFolder, kImage, kNetwork };
[[nodiscard]] PathKind path_kind(const std::string& metavar);
/// True when a value with this metavar may name a file or a folder.
[[nodiscard]] bool may_be_path(const std::string& metavar);
/// "network:", the prefix after which a value names a network file; empty when there is none.
[[nodiscard]] std::string network_prefix(const std::string& metavar);
/// File extensions of images and of network files, without the dot: {"pt"}; empty for other kinds.
[[nodiscard]] std::vector<std::string> extensions_of(PathKind kind);

/// Names of the direct subcommands of `parent`: {"info", "import"} for "model".
[[nodiscard]] std::vector<std::string> subcommands_of(const std::vector<CommandShape>& commands,
                                                      const std::string& parent);

}  // namespace styletransfer::cli
