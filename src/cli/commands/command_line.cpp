#include "cli/commands/command_line.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "cli/args/completions.h"
#include "cli/args/config_flags.h"
#include "cli/args/flags_page.h"
#include "cli/args/help_text.h"
#include "cli/args/man_page.h"
#include "cli/commands/parse_errors.h"
#include "cli/commands/print_config.h"
#include "cli/commands/short_help.h"
#include "cli/commands/train/train_commands.h"
#include "cli/options/apply_flags.h"
#include "cli/options/batch_flags.h"
#include "cli/options/checkpoint_flags.h"
#include "cli/options/choices.h"
#include "cli/options/color_flags.h"
#include "cli/options/flag_checks.h"
#include "cli/options/flag_groups.h"
#include "cli/options/mask_flags.h"
#include "cli/report/report_data.h"
#include "cli/terminal/version.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

constexpr const char* kFooter =
    "\nExamples:\n  styletransfer --content photo.jpg --style painting.jpg\n  styletransfer -c "
    "photo.jpg -s painting.jpg -o out.jpg --size 1024 --style-weight 20\n  styletransfer -c "
    "photo.jpg -s a.jpg -s b.jpg --style-blend 3,7\n\nExit codes: 0 done; 1 the run failed; 2 "
    "invalid usage or input, found before any expensive work;\n130 interrupted, best image saved.";

/// Every subcommand and the options that it sets.
struct Parser {
  CLI::App app{"Neural style transfer: renders a photo in the style of a painting."};
  /// Flag tables of the commands that take --config.
  FlagTable main_table{app};
  CLI::App* batch_app = app.add_subcommand("batch", "Render every content image in every style");
  FlagTable batch_table{*batch_app};
  CLI::App* apply_app = app.add_subcommand(
      "apply", "Stylize images with a feed-forward network, in one forward pass");
  FlagTable apply_table{*apply_app};
  ConfigFlags config;
  LogFlags log;
  bool show_version = false;
  StylizeOptions stylize;
  BatchOptions batch;
  ApplyOptions apply;
  LossCommandOptions loss;
  ImageInfoOptions image_info;
  ModelInfoOptions model_info;
  ModelImportOptions model_import;

  CLI::App* loss_app = nullptr;
  std::optional<TrainCommands> train;
  CLI::App* info_app = nullptr;
  CLI::App* model_app = nullptr;
  CLI::App* model_info_app = nullptr;
  CLI::App* model_import_app = nullptr;
  CLI::App* completions_app = nullptr;
  CLI::App* flags_page_app = nullptr;
  CLI::App* man_app = nullptr;
  std::string shell;

  Parser();
  void add_main_job();
  void add_batch_command();
  /// Null for a command without --config.
  const FlagTable* configurable_table(const CLI::App* command);
  void add_apply_command();
  void add_loss_command();
  void add_model_commands();
  void add_paper_commands();
};

void configure_app(CLI::App& app) {
  app.allow_extras();  // refused by refuse_extras, with a suggestion
  app.set_help_flag("-h,--help", "show this help")->group("Messages");
  app.get_formatter()->column_width(kHelpColumn);
}

/// Flags of the start image and its feed-forward network.
void add_feed_forward_flags(FlagTable& table, StylizeOptions& image) {
  add_schedule_flags(table, image);
  add_margin_flag(table, image.job);
  add_start_flags(table, image);
  add_weight_flags(table, image.job);
  add_color_flags(table, image.job);
  add_loss_flags(table, image.job);
  add_optimizer_flags(table, image.job.optimizer);
  add_device_flags(table, image);
  add_run_flags(table, image);
}

Parser::Parser() {
  app.name("styletransfer");
  add_main_job();
  configure_app(app);
  app.get_help_ptr()->description("show the most used flags (-h) or every flag (--help)");
  add_batch_command();
  add_apply_command();
  add_loss_command();
  train.emplace(app, config, log, &configure_app);
  info_app =
      app.add_subcommand("info", "Show an image file's properties and the settings stored in it");
  configure_app(*info_app);
  FlagTable info_table(*info_app);
  info_table.argument("IMAGE", "image file", image_info.image_path);
  info_table.group("Output");
  info_table.toggle("--command", "print the command that makes the image again",
                    image_info.wants_command);
  add_model_commands();
  add_paper_commands();
  app.footer(kFooter);
}

void Parser::add_main_job() {
  FlagTable& table = main_table;
  add_image_flags(table, stylize);
  add_mask_flags(table, stylize);
  add_output_flags(table, stylize);
  add_feed_forward_flags(table, stylize);
  add_checkpoint_flags(table, stylize);
  add_report_flags(table, stylize.reports);
  add_config_flags(table, config, WithPresets::kYes);
  add_log_flags(table, log);
  table.toggle("--version", "show the version", show_version);
}

void Parser::add_batch_command() {
  FlagTable& table = batch_table;
  StylizeOptions& image = batch.image;
  add_source_flags(table, batch);
  add_folder_flags(table, batch);
  add_file_flags(table, image);
  add_list_flags(table, batch);
  add_feed_forward_flags(table, image);
  add_report_flag(table, "write a report of the batch, .json or .html; repeat for both",
                  image.reports);
  add_config_flags(table, config, WithPresets::kYes);
  add_log_flags(table, log);
  configure_app(*batch_app);
}

const FlagTable* Parser::configurable_table(const CLI::App* command) {
  if (command == batch_app) return &batch_table;
  if (command == apply_app) return &apply_table;
  return command == &app ? &main_table : train->table_of(command);
}

void Parser::add_apply_command() {
  add_apply_flags(apply_table, apply);
  add_config_flags(apply_table, config, WithPresets::kNo);
  add_log_flags(apply_table, log);
  configure_app(*apply_app);
}

void Parser::add_loss_command() {
  loss_app =
      app.add_subcommand("loss", "Print the loss of finished images by term, each at its own size");
  FlagTable table(*loss_app);
  table.arguments("IMAGE", "images to evaluate", loss.image_paths);
  add_image_flags(table, loss);
  add_mask_flags(table, loss);
  add_weight_flags(table, loss.job);
  add_loss_flags(table, loss.job);
  add_device_flags(table, loss);
  add_log_flags(table, log);
  configure_app(*loss_app);
}

void Parser::add_model_commands() {
  model_app = app.add_subcommand("model", "Inspect or create a network file");
  configure_app(*model_app);
  model_info_app =
      model_app->add_subcommand("info", "Show layers, input convention and hash of a network file");
  configure_app(*model_info_app);
  FlagTable info_table(*model_info_app);
  info_table.argument("FILE.pt", "network file [as --model]", model_info.model_path);
  info_table.group("Network");
  add_trust_flag(info_table, model_info.trusts_network);
  model_import_app =
      model_app->add_subcommand("import", "Convert safetensors weights to a network file");
  FlagTable table(*model_import_app);
  table.argument("WEIGHTS", "VGG weights in safetensors format", model_import.weights_path);
  table.group("Output");
  table.value(
      "-o,--output", "FILE", "network file to write", model_import.output_path,
      [this](const std::string&, const std::string& text) { model_import.output_path = text; });
  table.toggle("--overwrite", "replace an existing file", model_import.overwrite);
  table.group("Input");
  table.value("--input", "caffe|torchvision", "input convention, for weights that do not state it",
              "", [this](const std::string& flag, const std::string& text) {
                model_import.input = parse_choice(flag, text, kInputConventions);
              });
  configure_app(*model_import_app);
}

/// `completions` and `man`, whose texts are generated from all of the above.
void Parser::add_paper_commands() {
  completions_app = app.add_subcommand("completions", "Print a shell completion script");
  configure_app(*completions_app);
  FlagTable(*completions_app).argument("bash|zsh|fish", "the shell", shell);
  man_app = app.add_subcommand("man", "Print the man page");
  configure_app(*man_app);
  flags_page_app = app.add_subcommand("flags-page", "Print docs/flags.md");
  configure_app(*flags_page_app);
  // For whoever changes a flag.
  flags_page_app->group("");
}

/// The innermost subcommand given; the main command when there is none.
CLI::App* chosen_command(CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? &app : chosen_command(*chosen.front());
}

void require_argument(const std::string& value, const std::string& what) {
  if (value.empty()) throw UsageError(what);
}

Command command_of(Parser& parser, CLI::App* command, const IsGiven& is_given) {
  const Verbosity verbosity = parser.log.quiet     ? Verbosity::kQuiet
                              : parser.log.verbose ? Verbosity::kVerbose
                                                   : Verbosity::kNormal;
  if (command == parser.batch_app) {
    check_colors(parser.batch.image.job, parser.batch_table, is_given);
    check_combinations(parser.batch, parser.log, is_given);
    parser.batch.image.verbosity = verbosity;
    return parser.batch;
  }
  if (command == parser.apply_app) {
    check_combinations(parser.apply, parser.log, is_given);
    parser.apply.image.verbosity = verbosity;
    return parser.apply;
  }
  if (command == parser.loss_app) {
    check_combinations(parser.loss, parser.log);
    if (parser.loss.image_paths.empty()) {
      throw UsageError("loss needs images to evaluate: loss --content C --style S IMAGE...");
    }
    parser.loss.verbosity = verbosity;
    return parser.loss;
  }
  if (auto training = parser.train->command_of(command, parser.log, verbosity)) return *training;
  if (command == parser.info_app) {
    require_argument(parser.image_info.image_path, "info needs an image: info IMAGE");
    return parser.image_info;
  }
  if (command == parser.model_app) {
    throw UsageError("model needs a subcommand: model info or model import (see model --help)");
  }
  if (command == parser.completions_app) {
    require_argument(parser.shell, "completions needs a shell: completions bash, zsh or fish");
    return ShowText{completion_script(parser.shell, command_shapes(parser.app))};
  }
  if (command == parser.man_app) {
    return ShowText{man_page(command_shapes(parser.app), program_version())};
  }
  if (command == parser.flags_page_app) return ShowText{flags_page(command_shapes(parser.app))};
  if (command == parser.model_info_app) return parser.model_info;
  if (command == parser.model_import_app) {
    require_argument(parser.model_import.weights_path, "import needs weights: model import FILE");
    return parser.model_import;
  }
  check_combinations(parser.stylize, parser.log);
  if (!is_given("--output")) {
    parser.stylize.output_path = default_output_path(parser.stylize);
  }
  check_colors(parser.stylize.job, parser.main_table, is_given);
  check_combinations(parser.stylize, is_given);
  parser.stylize.verbosity = verbosity;
  return parser.stylize;
}

/// Finds the command of the same name in another parser.
CLI::App* same_command(Parser& parser, const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  if (parent == nullptr) return &parser.app;
  return same_command(parser, *parent)->get_subcommand(command.get_name());
}

void check_values(const Settings& settings, const CLI::App& command) {
  Parser scratch;
  apply_settings(settings, *scratch.configurable_table(same_command(scratch, command)));
}

/// Builds the command from these settings; positional arguments come from the command line.
Command command_from(const Settings& settings, const Parser& asked, const CLI::App& command) {
  Parser fresh;
  fresh.apply.images = asked.apply.images;
  CLI::App* same = same_command(fresh, command);
  apply_settings(settings, *fresh.configurable_table(same));
  return command_of(fresh, same, [&](const std::string& flag) { return is_set(settings, flag); });
}

/// Stores the flags that reproduce the image, for the run's report.
void keep_arguments(Command& command, const Settings& settings, const FlagTable& table) {
  auto* apply = std::get_if<ApplyOptions>(&command);
  auto* run = apply != nullptr ? &apply->image : std::get_if<StylizeOptions>(&command);
  if (run == nullptr) return;
  run->reports.arguments =
      arguments_of(settings, table,
                   {"--report", "--watch", "--resume", "--config", "--preset", "--print-config"});
}

/// "preset poster: --print A4 --iterations 12": the preset's settings that are in effect.
std::string preset_line(const std::string& preset, const Settings& settings,
                        const FlagTable& table) {
  if (preset.empty()) return "";
  const std::string source = "preset " + preset + ":";
  Settings own = settings;
  std::erase_if(own, [&](const Setting& one) { return !one.where.starts_with(source); });
  const std::string flags = shell_command(arguments_of(own, table, {}));
  return source + " " + (flags.empty() ? "other flags replace all of its settings" : flags);
}

void keep_preset(Command& command, const std::string& line) {
  if (auto* stylize = std::get_if<StylizeOptions>(&command)) stylize->preset_line = line;
  if (auto* batch = std::get_if<BatchOptions>(&command)) batch->image.preset_line = line;
}

/// Merges the command line over its configuration and builds the command.
Command configured_command(Parser& asked, const CLI::App& command, const FlagTable& table) {
  const Settings below = settings_below(asked.config, table);
  // Values overridden by the command line must still be valid.
  check_values(below, command);
  const Validate validate = [&](const Settings& settings) -> std::string {
    try {
      static_cast<void>(command_from(settings, asked, command));
      return "";
    } catch (const UsageError& error) {
      return error.what();
    }
  };
  const Settings all = settled(below, command_line_settings(command, table), validate);
  try {
    Command wanted = command_from(all, asked, command);
    keep_arguments(wanted, all, table);
    keep_preset(wanted, preset_line(asked.config.preset, all, table));
    if (asked.config.print_config) return ShowText{config_text(all, table)};
    return wanted;
  } catch (const UsageError& error) {
    throw UsageError(with_places(error.what(), below));
  }
}

}  // namespace

Command parse_command_line(int argc, const char* const* argv) {
  Parser parser;
  const std::vector<std::string_view> words(argv + 1, argv + std::max(argc, 1));
  if (!words.empty() && words.front() == "help") {
    return ShowText{help_of(parser.app, {words.begin() + 1, words.end()})};
  }
  try {
    parser.app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const bool is_short = chosen_command(parser.app) == &parser.app &&
                          std::find(words.begin(), words.end(), "--help") == words.end();
    return ShowText{is_short ? short_help(parser.app) : tidied_help(parser.app.help())};
  } catch (const CLI::ParseError& error) {
    refuse_parse_error(error);
  }
  CLI::App* command = chosen_command(parser.app);
  if (const auto extras = parser.app.remaining(true); !extras.empty()) {
    refuse_extras(parser.app, *command, extras);
  }
  refuse_flags_before_subcommand(parser.app, *command);
  if (parser.show_version) {
    return ShowText{"styletransfer " + program_version() + " (LibTorch " + libtorch_version() +
                    ")\n"};
  }
  const FlagTable* table = parser.configurable_table(command);
  if (table != nullptr && (parser.config.print_config || !parser.config.config_path.empty() ||
                           !parser.config.preset.empty())) {
    return configured_command(parser, *command, *table);
  }
  Command wanted = command_of(parser, command, [command](const std::string& flag) {
    // The checks are shared by commands that do not all have the same flags.
    const CLI::Option* option = command->get_option_no_throw(flag);
    return option != nullptr && option->count() > 0;
  });
  if (table != nullptr) keep_arguments(wanted, command_line_settings(*command, *table), *table);
  return wanted;
}

}  // namespace styletransfer::cli
