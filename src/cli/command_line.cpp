#include "cli/command_line.h"

#include <algorithm>
#include <optional>

#include "cli/apply/flags.h"
#include "cli/batch/flags.h"
#include "cli/choices.h"
#include "cli/color_flags.h"
#include "cli/combinations.h"
#include "cli/completions.h"
#include "cli/config_flags.h"
#include "cli/flag_groups.h"
#include "cli/help_text.h"
#include "cli/man_page.h"
#include "cli/place_flags.h"
#include "cli/print_config.h"
#include "cli/run_control_flags.h"
#include "cli/train/train_commands.h"
#include "detail/near_names.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

constexpr const char* kFooter =
    "\nExamples:\n"
    "  styletransfer --content photo.jpg --style painting.jpg\n"
    "  styletransfer -c photo.jpg -s painting.jpg -o out.jpg --size 1024 --style-weight 20\n"
    "  styletransfer -c photo.jpg -s a.jpg -s b.jpg --style-blend 3,7\n"
    "\nExit codes: 0 done; 1 the run failed; 2 wrong usage or input, found before any heavy work;\n"
    "130 interrupted, best picture saved.";

/// Every subcommand with the options that it fills.
struct Parser {
  CLI::App app{"Paints a photo in the manner of a painting."};
  /// Tables of the commands that take --config.
  FlagTable main_table{app};
  CLI::App* batch_app =
      app.add_subcommand("batch", "Paint every content in the manner of every style");
  FlagTable batch_table{*batch_app};
  CLI::App* apply_app =
      app.add_subcommand("apply", "Paint pictures with a network that does it in one pass");
  FlagTable apply_table{*apply_app};
  ConfigFlags config;
  LogFlags log;
  bool show_version = false;
  StylizeOptions stylize;
  BatchOptions batch;
  ApplyOptions apply;
  LossCommandOptions loss;
  PictureInfoOptions picture_info;
  ModelInfoOptions model_info;
  ModelImportOptions model_import;

  CLI::App* loss_app = nullptr;
  std::optional<TrainCommands> train;
  CLI::App* info_app = nullptr;
  CLI::App* model_app = nullptr;
  CLI::App* model_info_app = nullptr;
  CLI::App* model_import_app = nullptr;
  CLI::App* completions_app = nullptr;
  CLI::App* man_app = nullptr;
  std::string shell;

  Parser();
  void add_main_job();
  void add_batch_command();
  /// Null for a command that takes no configuration.
  const FlagTable* configurable_table(const CLI::App* command);
  void add_apply_command();
  void add_loss_command();
  void add_model_commands();
  void add_paper_commands();
};

void set_manners(CLI::App& app) {
  app.allow_extras();  // refused by refuse_extras, with a suggestion
  app.set_help_flag("-h,--help", "show this help")->group("Messages");
  app.get_formatter()->column_width(kHelpColumn);
}

/// How a picture is painted: the same for one and for many.
void add_painting_flags(FlagTable& table, StylizeOptions& picture) {
  add_schedule_flags(table, picture);
  add_margin_flag(table, picture.job);
  add_start_flags(table, picture);
  add_weight_flags(table, picture.job);
  add_color_flags(table, picture.job);
  add_loss_flags(table, picture.job);
  add_optimizer_flags(table, picture.job.optimizer);
  add_device_flags(table, picture);
  add_run_flags(table, picture);
}

Parser::Parser() {
  app.name("styletransfer");
  add_main_job();
  set_manners(app);
  add_batch_command();
  add_apply_command();
  add_loss_command();
  train.emplace(app, config, log, &set_manners);
  info_app = app.add_subcommand("info", "Show the facts of a picture file and the settings in it");
  set_manners(*info_app);
  FlagTable(*info_app).argument("PICTURE", "a picture file", picture_info.picture_path);
  add_model_commands();
  add_paper_commands();
  app.footer(kFooter);
}

void Parser::add_main_job() {
  FlagTable& table = main_table;
  add_picture_flags(table, stylize);
  add_place_flags(table, stylize);
  add_output_flags(table, stylize);
  add_painting_flags(table, stylize);
  add_run_control_flags(table, stylize);
  add_record_flags(table, stylize.records);
  add_config_flags(table, config, WithPresets::kYes);
  add_log_flags(table, log);
  table.toggle("--version", "show the version", show_version);
}

void Parser::add_batch_command() {
  FlagTable& table = batch_table;
  StylizeOptions& picture = batch.picture;
  add_source_flags(table, batch);
  add_folder_flags(table, batch);
  add_file_flags(table, picture);
  add_list_flags(table, batch);
  add_painting_flags(table, picture);
  add_report_flag(table, "a record of the batch: .json for programs, .html a page; again for both",
                  picture.records);
  add_config_flags(table, config, WithPresets::kYes);
  add_log_flags(table, log);
  set_manners(*batch_app);
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
  set_manners(*apply_app);
}

void Parser::add_loss_command() {
  loss_app = app.add_subcommand(
      "loss", "Print the loss of finished pictures, by term: each at its own size, in float32");
  FlagTable table(*loss_app);
  table.arguments("PICTURE", "the pictures to judge", loss.picture_paths);
  add_picture_flags(table, loss);
  add_place_flags(table, loss);
  add_weight_flags(table, loss.job);
  add_loss_flags(table, loss.job);
  add_device_flags(table, loss);
  add_log_flags(table, log);
  set_manners(*loss_app);
}

void Parser::add_model_commands() {
  model_app = app.add_subcommand("model", "Show or make a network file");
  set_manners(*model_app);
  model_info_app = model_app->add_subcommand("info", "Show layers, input convention and hash");
  set_manners(*model_info_app);
  FlagTable info_table(*model_info_app);
  info_table.argument("FILE", "network file [as --model]", model_info.model_path);
  add_trust_flag(info_table, model_info.trusts_network);
  model_import_app = model_app->add_subcommand("import", "Make a network file from safetensors");
  FlagTable table(*model_import_app);
  table.argument("WEIGHTS", "VGG weights, safetensors", model_import.weights_path);
  table.group("Output");
  table.value(
      "-o,--output", "FILE", "where to write", model_import.output_path,
      [this](const std::string&, const std::string& text) { model_import.output_path = text; });
  table.toggle("--overwrite", "replace an existing file", model_import.overwrite);
  table.group("Input");
  table.value("--input", "caffe|torchvision", "input convention, for weights that do not say it",
              "", [this](const std::string& flag, const std::string& text) {
                model_import.input = parse_choice(flag, text, kInputConventions);
              });
  set_manners(*model_import_app);
}

/// What installation needs: texts made from all of the above.
void Parser::add_paper_commands() {
  completions_app = app.add_subcommand("completions", "Print a completion script for a shell");
  set_manners(*completions_app);
  FlagTable(*completions_app).argument("bash|zsh|fish", "the shell", shell);
  man_app = app.add_subcommand("man", "Print the manual page");
  set_manners(*man_app);
}

/// The innermost subcommand that was named; the main job when none was.
CLI::App* chosen_command(CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? &app : chosen_command(*chosen.front());
}

std::string command_text(const CLI::App& command) {
  return command.get_parent() == nullptr ? "styletransfer" : "'" + command.get_name() + "'";
}

void refuse_extra(const CLI::App& app, const CLI::App& command, const std::string& extra) {
  const std::string word = extra.substr(0, extra.find('='));
  const std::string help = command.get_parent() == nullptr
                               ? " (see --help)"
                               : " (see " + command.get_name() + " --help)";
  if (!word.starts_with("-")) {
    std::vector<std::string> names;
    for (const CLI::App* sub : command.get_subcommands(nullptr)) names.push_back(sub->get_name());
    throw UsageError("unexpected argument '" + word + "'" + detail::did_you_mean(word, names) +
                     help);
  }
  const auto all = flag_names(app);
  if (&command != &app && std::find(all.begin(), all.end(), word) != all.end()) {
    throw UsageError("the flag " + word + " does not belong to " + command_text(command) + help);
  }
  throw UsageError("unknown flag " + word + detail::did_you_mean(word, flag_names(command)) + help);
}

/// `styletransfer --size 9 loss ...`: the flag would be accepted and ignored.
void refuse_flags_before_subcommand(const CLI::App& app, const CLI::App& command) {
  if (&app == &command) return;
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0) continue;
    throw UsageError("the flag --" + option->get_lnames().front() + " before " +
                     command_text(command) + " has no effect; put flags of " +
                     command_text(command) + " behind it");
  }
}

/// CLI11's own refusals: "--content: 1 required FILE missing" when a value is missing, and others.
[[noreturn]] void refuse_parse_error(const CLI::ParseError& error) {
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

void require_argument(const std::string& value, const std::string& what) {
  if (value.empty()) throw UsageError(what);
}

Command command_of(Parser& parser, CLI::App* command, const IsGiven& is_given) {
  const Verbosity verbosity = parser.log.quiet     ? Verbosity::kQuiet
                              : parser.log.verbose ? Verbosity::kVerbose
                                                   : Verbosity::kNormal;
  if (command == parser.batch_app) {
    check_colors(parser.batch.picture.job, parser.batch_table, is_given);
    check_combinations(parser.batch, parser.log, is_given);
    parser.batch.picture.verbosity = verbosity;
    return parser.batch;
  }
  if (command == parser.apply_app) {
    check_combinations(parser.apply, parser.log, is_given);
    parser.apply.picture.verbosity = verbosity;
    return parser.apply;
  }
  if (command == parser.loss_app) {
    check_combinations(parser.loss, parser.log);
    if (parser.loss.picture_paths.empty()) {
      throw UsageError("loss needs pictures to judge: loss --content C --style S PICTURE...");
    }
    parser.loss.verbosity = verbosity;
    return parser.loss;
  }
  if (auto training = parser.train->command_of(command, parser.log, verbosity)) return *training;
  if (command == parser.info_app) {
    require_argument(parser.picture_info.picture_path, "info needs a picture: info PICTURE");
    return parser.picture_info;
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

/// The command of the same name in another parser.
CLI::App* same_command(Parser& parser, const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  if (parent == nullptr) return &parser.app;
  return same_command(parser, *parent)->get_subcommand(command.get_name());
}

void check_values(const Settings& settings, const CLI::App& command) {
  Parser scratch;
  apply_settings(settings, *scratch.configurable_table(same_command(scratch, command)));
}

/// What these settings ask of the command; arguments without a flag are those of the command line.
Command command_from(const Settings& settings, const Parser& asked, const CLI::App& command) {
  Parser fresh;
  fresh.apply.pictures = asked.apply.pictures;
  CLI::App* same = same_command(fresh, command);
  apply_settings(settings, *fresh.configurable_table(same));
  return command_of(fresh, same, [&](const std::string& flag) { return is_set(settings, flag); });
}

/// For the run's report: the flags that make the picture again.
void keep_arguments(Command& command, const Settings& settings, const FlagTable& table) {
  auto* apply = std::get_if<ApplyOptions>(&command);
  auto* run = apply != nullptr ? &apply->picture : std::get_if<StylizeOptions>(&command);
  if (run == nullptr) return;
  run->records.arguments =
      arguments_of(settings, table,
                   {"--report", "--watch", "--resume", "--config", "--preset", "--print-config"});
}

/// The command line over what its configuration says.
Command configured_command(Parser& asked, const CLI::App& command, const FlagTable& table) {
  const Settings below = settings_below(asked.config, table);
  // Values that the command line replaces must be right all the same.
  check_values(below, command);
  const Judge judge = [&](const Settings& settings) -> std::string {
    try {
      static_cast<void>(command_from(settings, asked, command));
      return "";
    } catch (const UsageError& error) {
      return error.what();
    }
  };
  const Settings all = settled(below, command_line_settings(command, table), judge);
  try {
    Command wanted = command_from(all, asked, command);
    keep_arguments(wanted, all, table);
    if (asked.config.print_config) return ShowText{config_text(all, table)};
    return wanted;
  } catch (const UsageError& error) {
    throw UsageError(with_places(error.what(), below));
  }
}

}  // namespace

std::string program_version() { return STYLETRANSFER_VERSION; }

Command parse_command_line(int argc, const char* const* argv) {
  Parser parser;
  try {
    parser.app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return ShowText{tidied_help(parser.app.help())};
  } catch (const CLI::ParseError& error) {
    refuse_parse_error(error);
  }
  CLI::App* command = chosen_command(parser.app);
  if (const auto extras = parser.app.remaining(true); !extras.empty()) {
    refuse_extra(parser.app, *command, extras.front());
  }
  refuse_flags_before_subcommand(parser.app, *command);
  if (parser.show_version) {
    return ShowText{"styletransfer " + program_version() + " (LibTorch " LIBTORCH_VERSION ")\n"};
  }
  const FlagTable* table = parser.configurable_table(command);
  if (table != nullptr && (parser.config.print_config || !parser.config.config_path.empty() ||
                           !parser.config.preset.empty())) {
    return configured_command(parser, *command, *table);
  }
  Command wanted = command_of(parser, command, [command](const std::string& flag) {
    // Checks are shared by commands that do not all have the same flags.
    const CLI::Option* option = command->get_option_no_throw(flag);
    return option != nullptr && option->count() > 0;
  });
  if (table != nullptr) keep_arguments(wanted, command_line_settings(*command, *table), *table);
  return wanted;
}

}  // namespace styletransfer::cli
