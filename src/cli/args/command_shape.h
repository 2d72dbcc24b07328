// Commands and flags as plain data, derived from the flag table; input of the shell completions and
// the man page.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace styletransfer::cli {

struct FlagShape {
  /// "--size".
  std::string flag;
  /// "-o"; empty when there is none.
  std::string short_flag;
  /// The value's placeholder, "PX|content"; empty for a flag without a value.
  std::string metavar;
  std::string help;
  /// Group heading in --help.
  std::string group;
};

struct CommandShape {
  /// Empty for the main command; "model import".
  std::string name;
  std::string help;
  /// Positional arguments: "IMAGE", ...; most commands have none.
  std::vector<std::string> arguments;
  std::vector<FlagShape> flags;
};

/// The main command first, then every subcommand, parents before their children. Hidden
/// ones are left out.
[[nodiscard]] std::vector<CommandShape> command_shapes(const CLI::App& app);

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
