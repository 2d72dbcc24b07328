#include "cli/commands/short_help.h"

#include <array>

#include "base/suggestions.h"
#include "cli/args/help_text.h"
#include "cli/args/presets.h"
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

/// " [512]": the default as the description of the flag in --help ends with it; empty without one.
std::string default_text(const CLI::Option& option) {
  const std::string& description = option.get_description();
  const std::size_t bracket = description.rfind(" [");
  return bracket == std::string::npos ? "" : description.substr(bracket);
}

}  // namespace

std::string short_help(const CLI::App& app) {
  std::string text = app.get_description() +
                     "\n\nUsage: styletransfer --content PHOTO --style PAINTING [flags]\n"
                     "       styletransfer COMMAND ...\n\nFlags:\n";
  const auto add = [&](const std::string& name, const std::string& help) {
    text += formatted("  %-24s%s\n", name.c_str(), help.c_str());
  };
  for (const Row& row : kRows) {
    // "-c,--content"; throws for a flag that is gone.
    const CLI::Option& option = *app.get_option(row.flag);
    add(option.get_name(/*positional=*/false, true) + " " + row.metavar,
        row.help + default_text(option));
  }
  add("--preset NAME", "a ready-made set of flags: " + preset_names());
  text += "\nCommands:\n";
  for (const CLI::App* sub : app.get_subcommands(nullptr)) {
    if (!sub->get_group().empty()) add(sub->get_name(), sub->get_description());
  }
  return text + kExamples;
}

std::string help_of(const CLI::App& app, const std::vector<std::string_view>& words) {
  if (words.empty()) return short_help(app);
  const CLI::App* command = &app;
  std::string parents;
  for (const std::string_view word : words) {
    std::vector<std::string> names;
    const CLI::App* next = nullptr;
    for (const CLI::App* sub : command->get_subcommands(nullptr)) {
      names.push_back(sub->get_name());
      if (sub->get_name() == word) next = sub;
    }
    if (next == nullptr) {
      throw UsageError("help: no command '" + std::string(word) + "'" +
                       detail::did_you_mean(std::string(word), names) +
                       " (see styletransfer help)");
    }
    parents += (parents.empty() ? "" : " ") + command->get_name();
    command = next;
  }
  return tidied_help(command->help(parents));
}

}  // namespace styletransfer::cli
