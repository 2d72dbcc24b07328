#include "cli/commands/parse_errors.h"

#include <algorithm>

#include "cli/terminal/flag_synonyms.h"
#include "cli/terminal/formatted.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

std::string command_text(const CLI::App& command) {
  return command.get_parent() == nullptr ? "styletransfer" : "'" + command.get_name() + "'";
}

/// Long names of all flags of a command: "--size", ....
std::vector<std::string> flag_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// Returns the values given for a flag of the main command.
std::vector<std::string> given_for(const CLI::App& app, const std::string& flag) {
  const CLI::Option* option = app.get_option_no_throw(flag);
  return option == nullptr ? std::vector<std::string>() : option->results();
}

/// Images given without flags, as to other programs: returns the command with the flags filled in.
/// The first image is the content, the next one the style, a third one the output.
std::string images_hint(const CLI::App& app, const std::vector<std::string>& extras) {
  std::vector<std::string> images;
  std::copy_if(extras.begin(), extras.end(), std::back_inserter(images),
               [](const std::string& extra) { return !extra.starts_with("-"); });
  const bool is_path = !images.empty() && images.front().find_first_of("./") != std::string::npos;
  if (!is_path && images.size() < 2) return "";
  std::vector<std::string> command{"styletransfer"};
  auto next = images.begin();
  const auto fill = [&](const std::string& flag, const char* example) {
    std::vector<std::string> values = given_for(app, flag);
    if (values.empty() && next != images.end()) values = {*next++};
    if (values.empty() && example != nullptr) values = {example};
    for (const std::string& value : values) command.insert(command.end(), {flag, value});
  };
  fill("--content", "photo.jpg");
  fill("--style", "painting.jpg");
  fill("--output", nullptr);
  for (; next != images.end(); ++next) command.insert(command.end(), {"--style", *next});
  return "; images need their flags: " + shell_command(command);
}

}  // namespace

void refuse_extras(const CLI::App& app, const CLI::App& command,
                   const std::vector<std::string>& extras) {
  const std::string& extra = extras.front();
  const std::string word = extra.substr(0, extra.find('='));
  const std::string help = command.get_parent() == nullptr
                               ? " (see --help)"
                               : " (see " + command.get_name() + " --help)";
  if (!word.starts_with("-")) {
    std::vector<std::string> names;
    for (const CLI::App* sub : command.get_subcommands(nullptr)) names.push_back(sub->get_name());
    std::string hint = did_you_mean(word, names);
    if (&command == &app && hint.empty()) hint = images_hint(app, extras);
    throw UsageError("unexpected argument '" + word + "'" + hint + help);
  }
  const auto all = flag_names(app);
  if (&command != &app && std::find(all.begin(), all.end(), word) != all.end()) {
    throw UsageError("the flag " + word + " is not a flag of " + command_text(command) + help);
  }
  throw UsageError("unknown flag " + word + did_you_mean(word, flag_names(command)) + help);
}

void refuse_flags_before_subcommand(const CLI::App& app, const CLI::App& command) {
  if (&app == &command) return;
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0) continue;
    throw UsageError("the flag --" + option->get_lnames().front() + " before " +
                     command_text(command) + " has no effect; put flags of " +
                     command_text(command) + " after it");
  }
}

void refuse_parse_error(const CLI::ParseError& error) {
  std::string text = error.what();
  std::replace(text.begin(), text.end(), '\n', ' ');
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    // "--quiet was given a disallowed flag override" for --quiet=3.
    const bool is_switch = text.find("override") != std::string::npos;
    const std::string name = text.substr(0, text.find_first_of(": "));
    throw UsageError((name.starts_with("-") ? name : "--" + name) +
                     (is_switch ? " takes no value" : " needs a value") + " (see --help)");
  }
  throw UsageError(text + " (see --help)");
}

}  // namespace styletransfer::cli
