#include "cli/commands/command_line.h"

#include <algorithm>
#include <functional>
#include <memory>

#include "cli/args/completions.h"
#include "cli/args/config_file.h"
#include "cli/args/flags_page.h"
#include "cli/args/man_page.h"
#include "cli/args/parser_binding.h"
#include "cli/args/presets.h"
#include "cli/commands/parse_errors.h"
#include "cli/commands/print_config.h"
#include "cli/commands/short_help.h"
#include "cli/options/tables.h"
#include "cli/terminal/formatted.h"
#include "cli/terminal/version.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

constexpr const char* kFooter =
    "\nExamples:\n  styletransfer --content photo.jpg --style painting.jpg\n  styletransfer -c "
    "photo.jpg -s painting.jpg -o out.jpg --size 1024 --style-weight 20\n  styletransfer -c "
    "photo.jpg -s a.jpg -s b.jpg --style-blend 3,7\n\nExit codes: 0 done; 1 the run failed; 2 "
    "invalid usage or input, found before any expensive work;\n130 interrupted, best image saved.";

/// Options of a command at their defaults, the table that sets them, and the command they make.
struct Draft {
  OptionTable table;
  std::function<Command(const IsGiven& is_given)> finish;
};

template <typename Options, OptionTable (*kTable)(Options&)>
Draft draft() {
  const auto options = std::make_shared<Options>();
  return {kTable(*options), [options](const IsGiven& is_given) -> Command {
            complete(*options, is_given);
            return *options;
          }};
}

std::vector<CommandShape> command_shapes();

/// A command that prints a text made from all commands.
template <std::string (*kText)(const std::vector<CommandShape>&)>
Draft page() {
  return {{}, [](const IsGiven&) -> Command { return ShowText{kText(command_shapes())}; }};
}

std::string manual(const std::vector<CommandShape>& commands) {
  return man_page(commands, program_version());
}

Draft completions() {
  const auto shell = std::make_shared<std::string>();
  Draft draft{{}, [shell](const IsGiven&) -> Command {
                if (shell->empty()) {
                  throw UsageError("completions needs a shell: completions bash, zsh or fish");
                }
                return ShowText{completion_script(*shell, command_shapes())};
              }};
  draft.table.argument("bash|zsh|fish", "the shell", *shell);
  return draft;
}

struct CommandDescription {
  /// Empty for the main command; "train fast".
  std::string name;
  std::string help;
  /// Null for a command that has only subcommands.
  Draft (*make)();
  bool is_hidden = false;
};

/// In the order of --help, parents before their children.
const std::vector<CommandDescription>& commands() {
  static const std::vector<CommandDescription> kCommands{
      {"", "Neural style transfer: renders a photo in the style of a painting.",
       draft<StylizeOptions, stylize_table>},
      {"batch", "Render every content image in every style", draft<BatchOptions, batch_table>},
      {"apply", "Stylize images with a feed-forward network, in one forward pass",
       draft<ApplyOptions, apply_table>},
      {"loss", "Print the loss of finished images by term, each at its own size",
       draft<LossCommandOptions, loss_table>},
      {"train", "Train feed-forward networks", nullptr},
      {"train fast", "Train a network for one style", draft<TrainFastOptions, train_fast_table>},
      {"train cyclegan", "Train two generators that translate between two image domains",
       draft<TrainCycleganOptions, train_cyclegan_table>},
      {"info", "Show an image file's properties and the settings stored in it",
       draft<ImageInfoOptions, image_info_table>},
      {"model", "Inspect or create a network file", nullptr},
      {"model info", "Show layers, input convention and hash of a network file",
       draft<ModelInfoOptions, model_info_table>},
      {"model import", "Convert safetensors weights to a network file",
       draft<ModelImportOptions, model_import_table>},
      {"completions", "Print a shell completion script", completions},
      {"man", "Print the man page", page<manual>},
      // For whoever changes a flag.
      {"flags-page", "Print docs/flags.md", page<flags_page>, /*is_hidden=*/true}};
  return kCommands;
}

[[noreturn]] void require_subcommand(const std::string& name) {
  std::vector<std::string> names;
  for (const CommandDescription& command : commands()) {
    if (command.name.starts_with(name + " ")) names.push_back(command.name);
  }
  throw UsageError(name + " needs a subcommand: " + either_of(names) + " (see " + name +
                   " --help)");
}

Draft make_draft(const CommandDescription& command) {
  Draft draft;
  if (command.make != nullptr) {
    draft = command.make();
  } else {
    draft.finish = [&command](const IsGiven&) -> Command { require_subcommand(command.name); };
  }
  const bool is_main = command.name.empty();
  draft.table.group("Messages");
  if (is_main) draft.table.toggle("--version", "show the version", nullptr).command_line_only();
  const char* const help =
      is_main ? "show the most used flags (-h) or every flag (--help)" : "show this help";
  draft.table.toggle("-h,--help", help, nullptr).command_line_only();
  return draft;
}

std::vector<CommandShape> command_shapes() {
  std::vector<CommandShape> shapes;
  for (const CommandDescription& command : commands()) {
    if (command.is_hidden) continue;
    shapes.push_back(command_shape(command.name, command.help, make_draft(command).table));
  }
  return shapes;
}

/// A command with its parser, whose options the draft's table has.
struct Parsed {
  const CommandDescription* description;
  CLI::App* app;
  Draft draft;
};

std::vector<Parsed> add_commands(CLI::App& program) {
  set_up_parser(program);
  std::vector<Parsed> all;
  for (const CommandDescription& command : commands()) {
    CLI::App* app = &program;
    const std::vector<std::string> words = parts_of(command.name, ' ');
    if (words.size() > 1) app = app->get_subcommand(words.front());
    if (!command.name.empty()) app = app->add_subcommand(words.back(), command.help);
    if (command.is_hidden) app->group("");
    all.push_back({&command, app, make_draft(command)});
    add_options(*app, all.back().draft.table);
  }
  program.footer(kFooter);
  return all;
}

/// The innermost subcommand given; the main command when there is none.
const Parsed& chosen_command(const CLI::App& program, const std::vector<Parsed>& all) {
  const CLI::App* app = &program;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return *std::find_if(all.begin(), all.end(), [&](const Parsed& one) { return one.app == app; });
}

bool asks_for_help(const CLI::App& command) {
  const CLI::App* const parent = command.get_parent();
  return command.get_option("--help")->count() > 0 || (parent != nullptr && asks_for_help(*parent));
}

/// What is given, and what files add to it, in order of precedence. Values that are overridden must
/// be valid as well.
std::vector<Settings> checked_layers(const Settings& given, const Parsed& command) {
  const OptionTable& table = command.draft.table;
  std::vector<Settings> layers;
  const auto add = [&](const Settings& layer) {
    apply_settings(layer, make_draft(*command.description).table);
    layers.push_back(layer);
  };
  add(given);
  if (const Setting* const file = find_setting(given, "--config")) {
    add(read_config_file(file->texts.front(), table));
  }
  if (const Setting* const chosen = find_setting(given, "--preset")) {
    const Preset& preset = find_preset(chosen->where, chosen->texts.front());
    add(read_config_text(preset.text, "preset " + preset.name, table, Source::kPreset));
  }
  return layers;
}

/// "preset poster: --print A4 --iterations 12": the preset's settings that are in effect.
std::string preset_line(const Settings& settings, const OptionTable& table) {
  const Setting* const preset = find_setting(settings, "--preset");
  if (preset == nullptr) return "";
  Settings own = settings;
  std::erase_if(own, [](const Setting& one) { return one.source != Source::kPreset; });
  const std::string flags = shell_command(arguments_of(own, table));
  return "preset " + preset->texts.front() + ": " +
         (flags.empty() ? "other flags replace all of its settings" : flags);
}

/// For the run's report and its first lines.
void keep_settings(const Settings& settings, const OptionTable& table, Command& command) {
  if (auto* const apply = std::get_if<ApplyOptions>(&command)) {
    apply->image.reports.arguments = arguments_of(settings, table);
  }
  if (auto* const batch = std::get_if<BatchOptions>(&command)) {
    batch->image.preset_line = preset_line(settings, table);
  }
  if (auto* const stylize = std::get_if<StylizeOptions>(&command)) {
    stylize->reports.arguments = arguments_of(settings, table);
    stylize->preset_line = preset_line(settings, table);
  }
}

/// `styletransfer help` and the words behind it.
ShowText help_about(const std::vector<std::string>& words, const std::vector<Parsed>& all) {
  const std::vector<CommandShape> shapes = command_shapes();
  const std::string name = command_named(words, shapes);
  if (name.empty()) return ShowText{short_help(shapes)};
  const auto command = std::find_if(
      all.begin(), all.end(), [&](const Parsed& one) { return one.description->name == name; });
  return ShowText{full_help(*command->app)};
}

Command command_from(const Settings& given, const Parsed& parsed) {
  const OptionTable& table = parsed.draft.table;
  Command command;
  const auto build = [&](const Settings& settings) {
    const Draft draft = make_draft(*parsed.description);
    apply_settings(settings, draft.table);
    set_arguments(*parsed.app, draft.table);
    command = draft.finish([&](const std::string& flag) { return is_set(settings, flag); });
  };
  const Settings used = settled(checked_layers(given, parsed), table, build);
  if (is_set(used, "--print-config")) return ShowText{config_text(used, table)};
  keep_settings(used, table, command);
  return command;
}

}  // namespace

Command parse_command_line(int argc, const char* const* argv) {
  CLI::App program(commands().front().help, "styletransfer");
  const std::vector<Parsed> all = add_commands(program);
  const std::vector<std::string> words(argv + 1, argv + std::max(argc, 1));
  if (!words.empty() && words.front() == "help") {
    return help_about({words.begin() + 1, words.end()}, all);
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    refuse_parse_error(error);
  }
  const Parsed& command = chosen_command(program, all);
  if (asks_for_help(*command.app)) {
    const bool is_short =
        command.app == &program && std::find(words.begin(), words.end(), "--help") == words.end();
    return ShowText{is_short ? short_help(command_shapes()) : full_help(*command.app)};
  }
  const Settings given = given_settings(*command.app, command.draft.table);
  if (const auto extras = program.remaining(true); !extras.empty()) {
    refuse_extras(program, *command.app, extras);
  }
  refuse_flags_before_subcommand(program, *command.app);
  if (is_set(given, "--version")) {
    return ShowText{"styletransfer " + program_version() + " (LibTorch " + libtorch_version() +
                    ")\n"};
  }
  return command_from(given, command);
}

}  // namespace styletransfer::cli
