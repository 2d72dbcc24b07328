#include "cli/commands/short_help.h"

#include <algorithm>
#include <array>

#include "cli/args/presets.h"
#include "cli/terminal/flag_synonyms.h"
#include "cli/terminal/formatted.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

struct Row {
  const char* flag;
  const char* metavar;
  const char* help;
};

constexpr std::array kRows{
    Row{"--content", "PHOTO", "the photo to stylize"},
    Row{"--style", "PAINTING", "the style image; repeat it to blend several"},
    Row{"--output", "FILE", "result: .png, .jpg, .tif, .webp"},
    Row{"--size", "PX", "long side of the result in pixels"},
    Row{"--strength", "0..100", "0: nearly the photo, 100: nearly pure texture"},
    Row{"--colors", "WHOSE", "style, content (keeps the photo's colors), neutral, ..."},
};

constexpr const char* kExamples = R"(
Examples:
  styletransfer -c photo.jpg -s painting.jpg
  styletransfer -c photo.jpg -s painting.jpg -o poster.jpg --size 1024 --strength 70
  styletransfer batch --contents photos --styles paintings --output results

Every flag: styletransfer --help. Flags of a command: styletransfer help COMMAND.
)";

/// "-c,--content PHOTO" and its help.
std::string line(const std::string& name, const std::string& help) {
  return formatted("  %-24s%s\n", name.c_str(), help.c_str());
}

}  // namespace

std::string short_help(const std::vector<CommandShape>& commands) {
  const CommandShape& program = commands.front();
  std::string text = program.help +
                     "\n\nUsage: styletransfer --content PHOTO --style PAINTING [flags]\n"
                     "       styletransfer COMMAND ...\n\nFlags:\n";
  for (const Row& row : kRows) {
    const auto option = std::find_if(program.flags.begin(), program.flags.end(),
                                     [&](const OptionRow& one) { return one.flag == row.flag; });
    if (option == program.flags.end()) continue;
    OptionRow shown = *option;
    shown.help = row.help;
    text += line(shown.names() + " " + row.metavar, shown.described());
  }
  text += line("--preset NAME", "a ready-made set of flags: " + preset_names());
  text += "\nCommands:\n";
  for (const std::string& name : subcommands_of(commands, "")) {
    const auto command = std::find_if(commands.begin(), commands.end(),
                                      [&](const CommandShape& one) { return one.name == name; });
    text += line(name, command->help);
  }
  return text + kExamples;
}

std::string command_named(const std::vector<std::string>& words,
                          const std::vector<CommandShape>& commands) {
  std::string command;
  for (const std::string& word : words) {
    const std::vector<std::string> names = subcommands_of(commands, command);
    if (std::find(names.begin(), names.end(), word) == names.end()) {
      throw UsageError("help: no command '" + word + "'" + did_you_mean(word, names) +
                       " (see styletransfer help)");
    }
    command += (command.empty() ? "" : " ") + word;
  }
  return command;
}

}  // namespace styletransfer::cli
