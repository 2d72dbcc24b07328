#include "cli/args/flags_page.h"

namespace styletransfer::cli {
namespace {

constexpr const char* kHead = R"(# Flags

Every command with its flags and their defaults. This page is made by `styletransfer flags-page` from the table that the
program itself uses, so it never differs from `--help`; edit the table, not this page.

The default stands in brackets. Flags may also come from a file or a preset: see [configuration](configuration.md),
which lists the exit codes as well.
)";

/// Text that Markdown shows as it is inside a table.
std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '|' || c == '<' || c == '*' || c == '_') safe += '\\';
    safe += c;
  }
  return safe;
}

/// In a table a bar ends a cell even inside a code span.
std::string code(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '|') safe += '\\';
    safe += c;
  }
  return "`" + safe + "`";
}

std::string row(const OptionRow& flag) {
  std::string text = "| ";
  if (!flag.short_flag.empty()) text += code(flag.short_flag) + " ";
  text += code(flag.metavar.empty() ? flag.flag : flag.flag + " " + flag.metavar);
  return text + " | " + escaped(flag.described()) + " |\n";
}

std::string tables(const CommandShape& command) {
  std::string text;
  const auto groups = groups_of(command);
  for (const std::vector<OptionRow>& group : groups) {
    text += "\n";
    if (groups.size() > 1) text += "### " + group.front().group + "\n\n";
    text += "| flag | meaning |\n| --- | --- |\n";
    for (const OptionRow& flag : group) text += row(flag);
  }
  return text;
}

}  // namespace

std::string flags_page(const std::vector<CommandShape>& commands) {
  std::string text = kHead;
  for (const CommandShape& command : commands) {
    std::string line = "styletransfer";
    if (!command.name.empty()) line += " " + command.name;
    text += "\n## " + line + "\n\n";
    if (!command.help.empty()) {
      text += escaped(command.help) + (command.help.ends_with('.') ? "\n" : ".\n");
    }
    for (const std::string& argument : command.arguments) line += " " + argument;
    text += "\nUsage: `" + line + " [flags]`\n";
    if (!command.flags.empty()) text += tables(command);
  }
  return text;
}

}  // namespace styletransfer::cli
