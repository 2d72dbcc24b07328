#include "cli/completions.h"
#include "detail/near_names.h"

namespace styletransfer::cli {
namespace {

/// Needs bash alone, not the bash-completion package.
constexpr const char* kStart = R"(# bash completion for styletransfer

# Sets words, paths (files, folders or nothing) for what a flag of a command takes. Fails for a flag
# without a value.
_styletransfer_value() {
  words= paths=
  case "$1:$2" in
)";

constexpr const char* kEnd = R"(
_styletransfer() {
  local current=${COMP_WORDS[COMP_CWORD]} previous= command= words= paths= flags= subcommands=
  local index word
  COMPREPLY=()
  # --size=8 comes as three words.
  if ((COMP_CWORD > 0)); then previous=${COMP_WORDS[COMP_CWORD - 1]}; fi
  if [[ $current == "=" ]]; then
    current=
  elif [[ $previous == "=" ]] && ((COMP_CWORD > 1)); then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
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
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  else
    _styletransfer_command "$command"
    if [[ $current == -* ]]; then words=$flags paths=; else words=$subcommands; fi
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
  if [[ -n $paths ]]; then
    compopt -o filenames 2>/dev/null
    local kind=-f path
    [[ $paths == folders ]] && kind=-d
    while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen $kind -- "$current")
  fi
}

complete -F _styletransfer styletransfer
)";

std::string value_cases(const CommandShape& command) {
  std::string text;
  for (const FlagShape& flag : command.flags) {
    if (flag.kind.empty()) continue;
    text += "    \"" + command.name + ":" + flag.flag + "\"";
    if (!flag.short_flag.empty()) text += " | \"" + command.name + ":" + flag.short_flag + "\"";
    text += ") words=\"" + detail::joined(choices_of(flag.kind), " ") + "\"";
    if (may_be_path(flag.kind)) text += is_folder(flag.kind) ? " paths=folders" : " paths=files";
    text += " ;;\n";
  }
  return text;
}

std::string command_case(const CommandShape& command, const std::vector<CommandShape>& all) {
  std::string flags;
  for (const FlagShape& flag : command.flags) {
    flags += (flags.empty() ? "" : " ") + flag.flag;
    if (!flag.short_flag.empty()) flags += " " + flag.short_flag;
  }
  // An argument that is one of a few words is completed as a subcommand is.
  const std::string choices =
      command.arguments.empty() ? "" : detail::joined(choices_of(command.arguments.front()), " ");
  const bool takes_files = !command.arguments.empty() && may_be_path(command.arguments.front());
  return "    \"" + command.name + "\")\n      flags=\"" + flags + "\"\n      subcommands=\"" +
         detail::joined(subcommands_of(all, command.name), " ") + choices + "\"\n" +
         (takes_files ? "      paths=files\n" : "") + "      ;;\n";
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
