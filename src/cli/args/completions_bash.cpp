#include <cctype>

#include "base/suggestions.h"
#include "cli/args/completions.h"

namespace styletransfer::cli {
namespace {

/// Needs bash alone, not the bash-completion package.
constexpr const char* kStart = R"(# bash completion for styletransfer

# Sets words, paths (a kind of file or nothing) and start (a prefix before a network file) for what a
# flag of a command takes. Fails for a flag without a value.
_styletransfer_value() {
  words= paths= start=
  case "$1:$2" in
)";

constexpr const char* kEnd = R"(
_styletransfer() {
  local current=${COMP_WORDS[COMP_CWORD]} previous= command= words= paths= start= flags= subcommands=
  local index word prefix= at=$COMP_CWORD
  COMPREPLY=()
  # network:a.pt comes as three words, and so does --size=8.
  if [[ $current == ":" ]]; then
    current=
    ((--at))
    prefix=${COMP_WORDS[at]}:
  elif ((at > 1)) && [[ ${COMP_WORDS[at - 1]} == ":" ]]; then
    ((at -= 2))
    prefix=${COMP_WORDS[at]}:
  fi
  if ((at > 0)); then previous=${COMP_WORDS[at - 1]}; fi
  if [[ $current == "=" ]]; then
    current=
  elif [[ $previous == "=" ]] && ((at > 1)); then
    previous=${COMP_WORDS[at - 2]}
  fi
  for ((index = 1; index < COMP_CWORD; ++index)); do
    word=${COMP_WORDS[index]}
    if [[ $word == -* ]]; then
      if _styletransfer_value "$command" "$word"; then
        ((++index))
        [[ ${COMP_WORDS[index]} == "=" ]] && ((++index))
      fi
      continue
    fi
    _styletransfer_command "$command"
    if [[ " $subcommands " == *" $word "* ]]; then command=${command:+$command }$word; fi
  done
  if [[ $previous == -* ]] && _styletransfer_value "$command" "$previous"; then
    if [[ -z $prefix ]]; then
      COMPREPLY=($(compgen -W "$words $start" -- "$current"))
    elif [[ $prefix == "$start" ]]; then
      paths=pt
    else
      paths=
    fi
    [[ ${COMPREPLY[*]} == *: ]] && compopt -o nospace 2>/dev/null
  else
    _styletransfer_command "$command"
    if [[ $current == -* ]]; then words=$flags paths=; else words=$subcommands; fi
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
  if [[ -n $paths ]]; then
    compopt -o filenames 2>/dev/null
    local metavar=-f path
    [[ $paths == folders ]] && metavar=-d
    while IFS= read -r path; do
      if [[ $paths == files || -d $path || " $paths " == *" ${path##*.} "* ]]; then COMPREPLY+=("$path"); fi
    done < <(compgen $metavar -- "$current")
  fi
}

complete -F _styletransfer styletransfer
)";

/// "files", "folders", or the extensions in lower and upper case; empty when it is no path.
std::string paths_of(const std::string& metavar) {
  const PathKind kind = path_kind(metavar);
  if (kind == PathKind::kNone) return "";
  if (kind == PathKind::kFolder) return "folders";
  const std::string lower = detail::joined(extensions_of(kind), " ");
  if (lower.empty()) return "files";
  std::string both = lower + " ";
  for (const char c : lower) both += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return both;
}

std::string value_cases(const CommandShape& command) {
  std::string text;
  for (const OptionRow& flag : command.flags) {
    if (flag.metavar.empty()) continue;
    text += "    \"" + command.name + ":" + flag.flag + "\"";
    if (!flag.short_flag.empty()) text += " | \"" + command.name + ":" + flag.short_flag + "\"";
    text += ") words=\"" + detail::joined(choices_of(flag.metavar), " ") + "\"";
    if (may_be_path(flag.metavar)) text += " paths=\"" + paths_of(flag.metavar) + "\"";
    const std::string prefix = network_prefix(flag.metavar);
    if (!prefix.empty()) text += " start=" + prefix;
    text += " ;;\n";
  }
  return text;
}

std::string command_case(const CommandShape& command, const std::vector<CommandShape>& all) {
  std::string flags;
  for (const OptionRow& flag : command.flags) {
    flags += (flags.empty() ? "" : " ") + flag.flag;
    if (!flag.short_flag.empty()) flags += " " + flag.short_flag;
  }
  // A positional argument with literal choices is completed like a subcommand.
  const std::string choices =
      command.arguments.empty() ? "" : detail::joined(choices_of(command.arguments.front()), " ");
  const std::string paths = command.arguments.empty() ? "" : paths_of(command.arguments.front());
  return "    \"" + command.name + "\")\n      flags=\"" + flags + "\"\n      subcommands=\"" +
         detail::joined(subcommands_of(all, command.name), " ") + choices + "\"\n" +
         (paths.empty() ? "" : "      paths=\"" + paths + "\"\n") + "      ;;\n";
}

}  // namespace

std::string bash_completion(const std::vector<CommandShape>& commands) {
  std::string text = kStart;
  for (const CommandShape& command : commands) text += value_cases(command);
  text +=
      "    *) return 1 ;;\n  esac\n}\n\n# Sets flags, subcommands and paths of a command.\n"
      "_styletransfer_command() {\n  flags= subcommands= paths=\n  case \"$1\" in\n";
  for (const CommandShape& command : commands) text += command_case(command, commands);
  return text + "  esac\n}\n" + kEnd;
}

}  // namespace styletransfer::cli
