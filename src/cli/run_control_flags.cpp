#include "cli/run_control_flags.h"

#include <array>
#include <limits>

#include "cli/values.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;

constexpr int kMostSteps = 1000000;

struct TimeUnit {
  char letter;
  double seconds;
};
constexpr std::array kTimeUnits{TimeUnit{'s', 1.0}, TimeUnit{'m', 60.0}, TimeUnit{'h', 3600.0}};

/// "90s", "1.5m", "2h".
double parse_time(Text flag, Text text) {
  const char letter = text.empty() ? '\0' : text.back();
  for (const TimeUnit& unit : kTimeUnits) {
    if (unit.letter != letter) continue;
    const std::string amount = text.substr(0, text.size() - 1);
    return unit.seconds * parse_double(flag, amount, 0.001, 100000.0);
  }
  refuse_value(flag, text, "give seconds, minutes or hours: 90s, 5m or 1h");
}

}  // namespace

void add_checkpoint_flag(FlagTable& table, std::optional<int>& every, const std::string& unit) {
  table.value("--checkpoint-every", "N|auto",
              unit +
                  " after which the state is saved for --resume. auto: as often as costs under " +
                  "1 % of the time; 0: only when interrupted",
              "auto", [&every, unit](Text flag, Text text) {
                every.reset();
                if (text == "auto") return;
                every = parse_int(flag, text, 0, kMostSteps, unit + " (or auto)");
              });
}

void add_time_limit_flag(FlagTable& table, const std::string& help, double& seconds) {
  table.value("--time-limit", "TIME", help, "none",
              [&](Text flag, Text text) { seconds = parse_time(flag, text); });
}

void add_run_control_flags(FlagTable& table, StylizeOptions& options) {
  RunControl& control = options.control;
  StoppingOptions& stopping = options.job.stopping;
  table.group("Long runs");
  table.toggle("--resume", "go on where an interrupted run of the same command stopped",
               control.resume);
  add_checkpoint_flag(table, control.checkpoint_every, "steps");
  table.value("--snapshot-every", "N",
              "steps after which the picture is also written into OUTPUT-snapshots", "none",
              [&](Text flag, Text text) {
                control.snapshot_every = parse_int(flag, text, 1, kMostSteps, "steps");
              });
  add_time_limit_flag(table,
                      "end in time, with as large a part of every pass as fits: 90s, 5m or 1h",
                      stopping.time_limit_seconds);
  table.toggle("--stop-on-plateau", "end a pass that hardly gets better, and begin the next",
               stopping.on_plateau);
  table.value("--plateau-threshold", "PERCENT",
              "--stop-on-plateau: least improvement of the loss in " +
                  std::to_string(stopping.plateau_window) + " steps",
              number_text(stopping.plateau_percent), [&](Text flag, Text text) {
                stopping.plateau_percent = parse_double(flag, text, 0.001, 99.0);
              });
}

void check_run_control(const StylizeOptions& options, const IsGiven& is_given) {
  const StoppingOptions& stopping = options.job.stopping;
  if (is_given("--plateau-threshold") && !stopping.on_plateau) {
    throw UsageError("--plateau-threshold is for --stop-on-plateau; add that or leave it out");
  }
  if (is_given("--reproducible") && stopping.time_limit_seconds > 0.0) {
    throw UsageError(
        "--reproducible and --time-limit exclude each other: how many steps fit into a time "
        "differs from run to run; leave one of them out");
  }
  if (has_steps(make_schedule(options.job.schedule, Size{512, 512}))) return;
  for (const char* flag : {"--resume", "--checkpoint-every", "--snapshot-every", "--time-limit",
                           "--stop-on-plateau"}) {
    if (!is_given(flag)) continue;
    throw UsageError(std::string(flag) + " has no effect without steps; leave it out or give " +
                     "--iterations 1 or more");
  }
}

}  // namespace styletransfer::cli
