// The program's commands and flags as plain data, read off the flag table: what completions and the
// man page are made from.
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
  /// Of the value: "PX|content"; empty for a flag without one.
  std::string kind;
  std::string help;
  /// Heading in --help.
  std::string group;
};

struct CommandShape {
  /// Empty for the main job; "model import".
  std::string name;
  std::string help;
  /// "PICTURE", .... None for most.
  std::vector<std::string> arguments;
  std::vector<FlagShape> flags;
};

/// The main job first, then every subcommand, a parent before its own.
[[nodiscard]] std::vector<CommandShape> command_shapes(const CLI::App& app);

/// Words that a value may be: {"content", "noise"} of "content|noise|FILE".
[[nodiscard]] std::vector<std::string> choices_of(const std::string& kind);
/// Whether a value of this kind may name a file or a folder.
[[nodiscard]] bool may_be_path(const std::string& kind);
/// Whether it can only be a folder.
[[nodiscard]] bool is_folder(const std::string& kind);

/// First names of the subcommands of `parent`: {"info", "import"} of "model".
[[nodiscard]] std::vector<std::string> subcommands_of(const std::vector<CommandShape>& commands,
                                                      const std::string& parent);

}  // namespace styletransfer::cli
