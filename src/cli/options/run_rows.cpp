#include <algorithm>
#include <utility>

#include "cli/args/presets.h"
#include "cli/options/conflicts.h"
#include "cli/options/rows.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;

struct TimeUnit {
  Bounds<double> amount;
  double seconds;
};
constexpr std::array kTimeUnits{TimeUnit{{0.001, 100000.0, "s"}, 1.0},
                                TimeUnit{{0.001, 100000.0, "m"}, 60.0},
                                TimeUnit{{0.001, 100000.0, "h"}, 3600.0}};

/// Parses "90s", "1.5m", "2h" into seconds.
double parse_time(Text where, Text text) {
  for (const TimeUnit& unit : kTimeUnits) {
    if (!text.ends_with(unit.amount.unit)) continue;
    return unit.seconds * parse_number(where, text.substr(0, text.size() - 1), unit.amount);
  }
  refuse_value(where, text, "give seconds, minutes or hours: 90s, 5m or 1h");
}

void add_checkpoint_every_row(OptionTable& table, std::optional<int>& every) {
  table.value("--checkpoint-every", "N|auto",
              "iterations between checkpoints for --resume. auto: at most 1 % of the run time; 0: "
              "only when interrupted",
              "auto", [&every](Text where, Text text) {
                every.reset();
                if (text == "auto") return;
                every = parse_number(where, text, CheckpointOptions::kCheckpointEvery);
              });
  table.at("--checkpoint-every").bounds = number_bounds(CheckpointOptions::kCheckpointEvery);
}

OptionRow& add_time_limit_row(OptionTable& table, Text help, double& seconds) {
  return table
      .value("--time-limit", "TIME", help, "none",
             [&seconds](Text where, Text text) { seconds = parse_time(where, text); })
      .gets([&seconds] { return seconds > 0.0 ? Json(seconds) : Json(); });
}

void add_stopping_rows(OptionTable& table, StoppingOptions& stopping) {
  const auto stored_percent = [&stopping] {
    return stopping.on_plateau ? Json(stopping.plateau_percent) : Json();
  };
  add_time_limit_row(table,
                     "time limit for the whole command, divided among the passes: 90s, 5m or 1h",
                     stopping.time_limit_seconds)
      .result();
  // Stored as one value.
  table
      .toggle("--stop-on-plateau",
              "end a pass when the loss stops improving, and start the next one",
              stopping.on_plateau)
      .result("plateau_threshold")
      .gets(stored_percent);
  table
      .number("--plateau-threshold", "PERCENT",
              "--stop-on-plateau: smallest improvement of the loss in " +
                  std::to_string(stopping.plateau_window) + " iterations",
              stopping.plateau_percent, StoppingOptions::kPlateauPercent)
      .result()
      .gets(stored_percent)
      .for_iterations()
      .needs("--stop-on-plateau", {}, "",
             "--plateau-threshold is for --stop-on-plateau; add that or leave it out");
}

}  // namespace

void add_checkpoint_rows(OptionTable& table, StylizeOptions& options) {
  CheckpointOptions& control = options.control;
  table.group("Long runs");
  table.toggle("--resume", "resume an interrupted run of the same command", control.resume)
      .about_the_call();
  add_checkpoint_every_row(table, control.checkpoint_every);
  table.number("--snapshot-every", "N",
               "also write the image to OUTPUT-snapshots every N iterations",
               control.snapshot_every, CheckpointOptions::kSnapshotEvery, "none");
  add_stopping_rows(table, options.job.stopping);
  for (const char* flag : {"--resume", "--checkpoint-every", "--snapshot-every", "--time-limit",
                           "--stop-on-plateau"}) {
    table.at(flag).for_iterations().conflicts_with(without_steps(flag));
  }
}

void add_training_control_rows(OptionTable& table, TrainingControl& control,
                               TrainingLimits& limits) {
  table.group("Long runs");
  table.toggle("--resume", "resume an interrupted training of the same command", control.resume)
      .about_the_call();
  add_checkpoint_every_row(table, control.checkpoint_every);
  table.number("--preview-every", "N",
               "write a preview image to OUTPUT-previews every N iterations", control.preview_every,
               TrainingControl::kPreviewEvery, "none");
  add_time_limit_row(table,
                     "time limit, to which the learning rate schedule is fitted: 90s, 5m or 1h",
                     limits.time_limit_seconds)
      .result_not_stored("a resumed training may end at another time");
}

OptionRow& add_report_row(OptionTable& table, const std::string& help, ReportOptions& reports) {
  table.group("Report");
  return table
      .repeated("--report", "FILE", help,
                [&](Text where, Text text) {
                  auto& paths = reports.report_paths;
                  if (!text.ends_with(".json") && !text.ends_with(".html")) {
                    refuse_value(where, text, "the file name must end in .json or .html");
                  }
                  if (std::find(paths.begin(), paths.end(), text) != paths.end()) {
                    refuse_value(where, text, "is given twice; leave one out");
                  }
                  paths.push_back(text);
                })
      .about_the_call()
      .for_iterations();
}

void add_watch_row(OptionTable& table, ReportOptions& reports) {
  table
      .optional("--watch", "[PORT]",
                "show the run live on a local web page, on PORT or any free port", "any",
                [&](Text where, Text text) {
                  reports.watch_port =
                      text == "any" ? 0 : parse_number(where, text, ReportOptions::kWatchPort);
                })
      .about_the_call()
      .for_iterations();
  table.at("--watch").bounds = number_bounds(ReportOptions::kWatchPort);
}

void add_configuration_rows(OptionTable& table, CommandOptions& options, WithPresets presets) {
  table.group("Configuration");
  table
      .text("--config", "FILE", "flags from a TOML file; the command line wins", "",
            options.config_path)
      .command_line_only();
  if (presets == WithPresets::kYes) {
    table
        .value("--preset", preset_names(),
               "flags from a file that comes with the program; --config and the command line win",
               "", [&](Text where, Text text) { options.preset = find_preset(where, text).name; })
        .command_line_only();
  }
  table
      .toggle("--print-config", "print the flags as TOML for --config, and end",
              options.print_config)
      .command_line_only();
}

void add_message_rows(OptionTable& table, CommandOptions& options) {
  table.group("Messages");
  table.toggle("-q,--quiet", "only warnings and errors", options.quiet)
      .excludes("--verbose", "--quiet and --verbose exclude each other; leave one out");
  table.toggle("-v,--verbose", "more details", options.verbose);
}

void require(OptionTable& table, const std::string& flag, const std::string& example) {
  std::string message = flag + " is missing; for example: styletransfer " + example;
  table.at(flag).missing = [message = std::move(message)](const TextsOf& /*texts_of*/) {
    return message;
  };
}

}  // namespace styletransfer::cli
