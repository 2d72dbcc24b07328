#include <algorithm>

#include "cli/completions.h"
#include "detail/near_names.h"

namespace styletransfer::cli {
namespace {

/// Inside '...' of an _arguments specification.
std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\'') {
      safe += "'\\''";
      continue;
    }
    if (c == '[' || c == ']' || c == ':' || c == '\\') safe += '\\';
    safe += c;
  }
  return safe;
}

std::string action(const std::string& kind) {
  const std::string choices = detail::joined(choices_of(kind), " ");
  if (!may_be_path(kind)) return choices.empty() ? " " : "(" + choices + ")";
  const std::string files = is_folder(kind) ? "_files -/" : "_files";
  return choices.empty() ? files : "{ compadd -- " + choices + "; " + files + " }";
}

std::string specification(const FlagShape& flag) {
  const std::string equals = flag.kind.empty() ? "" : "=";
  const std::string names = flag.short_flag.empty()
                                ? "'*" + flag.flag + equals
                                : "'*'{" + flag.short_flag + "," + flag.flag + equals + "}'";
  std::string text = "    " + names + "[" + escaped(flag.help) + "]";
  if (!flag.kind.empty()) text += ":" + escaped(flag.kind) + ":" + action(flag.kind);
  return text + "' \\\n";
}

std::string function_name(const std::string& command) {
  std::string name = "_styletransfer";
  if (!command.empty()) name += "_" + command;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

std::string function_text(const CommandShape& command, const std::vector<CommandShape>& all) {
  const auto subcommands = subcommands_of(all, command.name);
  std::string text = function_name(command.name) + "() {\n";
  if (!subcommands.empty()) text += "  local context state line\n";
  text += subcommands.empty() ? "  _arguments \\\n" : "  _arguments -C \\\n";
  for (const FlagShape& flag : command.flags) text += specification(flag);
  if (!subcommands.empty()) {
    text +=
        "    '1:command:(" + detail::joined(subcommands, " ") + ")' \\\n    '*::argument:->rest'\n";
    text += "  [[ $state == rest ]] || return\n  case $line[1] in\n";
    for (const std::string& name : subcommands) {
      const std::string full = command.name.empty() ? name : command.name + " " + name;
      text += "    " + name + ") " + function_name(full) + " ;;\n";
    }
    return text + "  esac\n}\n\n";
  }
  if (command.arguments.empty()) return text + "    '*: : '\n}\n\n";
  const std::string& kind = command.arguments.front();
  return text + "    '*:" + escaped(kind) + ":" + action(kind) + "'\n}\n\n";
}

}  // namespace

std::string zsh_completion(const std::vector<CommandShape>& commands) {
  std::string text = "#compdef styletransfer\n# zsh completion for styletransfer\n\n";
  for (const CommandShape& command : commands) text += function_text(command, commands);
  // Loaded by compinit, the file is the function's body; sourced, it registers itself.
  return text +
         "if [[ $funcstack[1] == _styletransfer ]]; then\n  _styletransfer \"$@\"\nelse\n"
         "  compdef _styletransfer styletransfer\nfi\n";
}

}  // namespace styletransfer::cli
