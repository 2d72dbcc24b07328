#include "base/suggestions.h"
#include "cli/args/completions.h"

namespace styletransfer::cli {
namespace {

/// Quotes a string for fish in single quotes.
std::string quoted(const std::string& text) {
  std::string safe = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') safe += '\\';
    safe += c;
  }
  return safe + "'";
}

/// Fish condition that is true inside `command`.
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

/// Completes folders and files with the given extensions; after `prefix` where it is not empty.
constexpr const char* kFunctions = R"(
function __styletransfer_files --argument-names prefix
  set -l word (commandline -ct)
  if test -n "$prefix"
    string match -q -- "$prefix*" $word; or return
    set word (string replace -- $prefix '' $word)
  else if string match -q -- '*:*' $word
    return
  end
  set -l files (complete -C "__fish_command_without_completions $word")
  set -l endings (string join '|' $argv[2..-1])
  string replace -f -r -i -- "^(.*/|.*\\.(?:$endings))\$" "$prefix\$1" $files
end
)";

/// Command substitution that lists files of a kind; empty for any kind of file.
std::string files_call(PathKind kind, const std::string& prefix = "") {
  const std::string extensions = detail::joined(extensions_of(kind), " ");
  return extensions.empty() ? "" : "(__styletransfer_files '" + prefix + "' " + extensions + ")";
}

/// What follows a flag or a command: choices, folders, files.
std::string values(const std::string& metavar) {
  const PathKind kind = path_kind(metavar);
  std::string choices = detail::joined(choices_of(metavar), " ");
  const auto add = [&](const std::string& more) {
    if (!more.empty()) choices += (choices.empty() ? "" : " ") + more;
  };
  add(kind == PathKind::kFolder ? "(__fish_complete_directories)" : files_call(kind));
  if (const std::string prefix = network_prefix(metavar); !prefix.empty()) {
    add(prefix);
    add(files_call(PathKind::kNetwork, prefix));
  }
  // const: std::quoted would be the better match otherwise.
  const std::string list = choices;
  const std::string arguments = list.empty() ? "" : " -a " + quoted(list);
  return (kind == PathKind::kAnyFile ? " -r -F" : " -x") + arguments;
}

std::string flag_line(const OptionRow& flag, const std::string& where) {
  std::string rest = "-l " + flag.flag.substr(2);
  if (!flag.short_flag.empty()) rest += " -s " + flag.short_flag.substr(1);
  if (!flag.metavar.empty()) rest += values(flag.metavar);
  return line(where, rest + " -d " + quoted(flag.described()));
}

}  // namespace

std::string fish_completion(const std::vector<CommandShape>& commands) {
  std::string text = "# fish completion for styletransfer\n\ncomplete -c styletransfer -f\n";
  text += kFunctions;
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
      const std::string& metavar = command.arguments.front();
      const std::string files = files_call(path_kind(metavar));
      const std::string words = detail::joined(choices_of(metavar), " ");
      text += line(where, may_be_path(metavar) && files.empty()
                              ? "-F"
                              : "-a " + quoted(files.empty() ? words : files));
    }
    for (const OptionRow& flag : command.flags) text += flag_line(flag, where);
  }
  return text;
}

}  // namespace styletransfer::cli
