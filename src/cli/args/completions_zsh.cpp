#include <algorithm>

#include "base/suggestions.h"
#include "cli/args/completions.h"

namespace styletransfer::cli {
namespace {

/// Escapes text for use inside '...' of an _arguments specification.
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

/// Call that completes files of the metavar's kind.
std::string files_call(const std::string& metavar) {
  if (!network_prefix(metavar).empty()) return "_styletransfer_image_or_network";
  switch (path_kind(metavar)) {
    case PathKind::kFolder:
      return "_files -/";
    case PathKind::kImage:
      return "_styletransfer_images";
    case PathKind::kNetwork:
      return "_styletransfer_networks";
    default:
      return "_files";
  }
}

/// Functions that files_call names.
std::string file_functions() {
  const auto files = [](PathKind kind) {
    const std::vector<std::string> extensions = extensions_of(kind);
    // zsh would take "(pt)" at the end for glob qualifiers.
    const std::string pattern =
        extensions.size() == 1 ? extensions.front() : "(" + detail::joined(extensions, "|") + ")";
    return "_files -g \"(#i)*." + pattern + "\"";
  };
  return "_styletransfer_images() {\n  " + files(PathKind::kImage) +
         "\n}\n\n_styletransfer_networks() {\n  " + files(PathKind::kNetwork) +
         "\n}\n\n# For --init: an image, or network: and a network file.\n"
         "_styletransfer_image_or_network() {\n  if compset -P network:; then\n"
         "    _styletransfer_networks\n  else\n    compadd -S '' -- network:\n"
         "    _styletransfer_images\n  fi\n}\n\n";
}

std::string action(const std::string& metavar) {
  const std::string choices = detail::joined(choices_of(metavar), " ");
  if (!may_be_path(metavar)) return choices.empty() ? " " : "(" + choices + ")";
  const std::string files = files_call(metavar);
  return choices.empty() ? files : "{ compadd -- " + choices + "; " + files + " }";
}

std::string specification(const OptionRow& flag) {
  const std::string equals = flag.metavar.empty() ? "" : "=";
  const std::string names = flag.short_flag.empty()
                                ? "'*" + flag.flag + equals
                                : "'*'{" + flag.short_flag + "," + flag.flag + equals + "}'";
  std::string text = "    " + names + "[" + escaped(flag.described()) + "]";
  if (!flag.metavar.empty()) text += ":" + escaped(flag.metavar) + ":" + action(flag.metavar);
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
  for (const OptionRow& flag : command.flags) text += specification(flag);
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
  const std::string& metavar = command.arguments.front();
  return text + "    '*:" + escaped(metavar) + ":" + action(metavar) + "'\n}\n\n";
}

}  // namespace

std::string zsh_completion(const std::vector<CommandShape>& commands) {
  std::string text = "#compdef styletransfer\n# zsh completion for styletransfer\n\n";
  text += file_functions();
  for (const CommandShape& command : commands) text += function_text(command, commands);
  // When compinit loads the file, it is the function's body; when sourced, it registers itself.
  return text +
         "if [[ $funcstack[1] == _styletransfer ]]; then\n  _styletransfer \"$@\"\nelse\n"
         "  compdef _styletransfer styletransfer\nfi\n";
}

}  // namespace styletransfer::cli
