#include "cli/completions.h"
#include "detail/near_names.h"

namespace styletransfer::cli {
namespace {

/// A string in single quotes.
std::string quoted(const std::string& text) {
  std::string safe = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') safe += '\\';
    safe += c;
  }
  return safe + "'";
}

/// Fish's condition for being inside `command`.
std::string condition(const std::string& command, const std::vector<CommandShape>& all) {
  const std::size_t space = command.find(' ');
  const std::string seen = "__fish_seen_subcommand_from ";
  if (command.empty()) return "not " + seen + detail::joined(subcommands_of(all, ""), " ");
  if (space != std::string::npos) {
    return seen + command.substr(0, space) + "; and " + seen + command.substr(space + 1);
  }
  std::string text = seen + command;
  const auto own = subcommands_of(all, command);
  if (!own.empty()) text += "; and not " + seen + detail::joined(own, " ");
  // `model info` is not `info`.
  for (const CommandShape& other : all) {
    if (other.name.ends_with(" " + command)) {
      text += "; and not " + seen + other.name.substr(0, other.name.find(' '));
    }
  }
  return text;
}

std::string line(const std::string& where, const std::string& rest) {
  return "complete -c styletransfer -n " + quoted(where) + " " + rest + "\n";
}

std::string flag_line(const FlagShape& flag, const std::string& where) {
  std::string rest = "-l " + flag.flag.substr(2);
  if (!flag.short_flag.empty()) rest += " -s " + flag.short_flag.substr(1);
  if (!flag.kind.empty()) {
    rest += is_folder(flag.kind)     ? " -x -a '(__fish_complete_directories)'"
            : may_be_path(flag.kind) ? " -r -F"
                                     : " -x";
    const std::string choices = detail::joined(choices_of(flag.kind), " ");
    if (!choices.empty()) rest += " -a " + quoted(choices);
  }
  return line(where, rest + " -d " + quoted(flag.help));
}

}  // namespace

std::string fish_completion(const std::vector<CommandShape>& commands) {
  std::string text = "# fish completion for styletransfer\n\ncomplete -c styletransfer -f\n";
  for (const CommandShape& command : commands) {
    const std::string where = condition(command.name, commands);
    text += "\n";
    for (const CommandShape& sub : commands) {
      const std::string start = command.name.empty() ? "" : command.name + " ";
      if (sub.name.empty() || !sub.name.starts_with(start)) continue;
      const std::string name = sub.name.substr(start.size());
      if (name.empty() || name.find(' ') != std::string::npos) continue;
      text += line(where, "-a " + name + " -d " + quoted(sub.help));
    }
    if (!command.arguments.empty()) {
      const std::string& kind = command.arguments.front();
      text += line(
          where, may_be_path(kind) ? "-F" : "-a " + quoted(detail::joined(choices_of(kind), " ")));
    }
    for (const FlagShape& flag : command.flags) text += flag_line(flag, where);
  }
  return text;
}

}  // namespace styletransfer::cli
