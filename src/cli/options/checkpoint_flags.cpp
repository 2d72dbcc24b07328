#include "cli/options/checkpoint_flags.h"

#include <array>
#include <limits>

#include "cli/args/values.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;

struct TimeUnit {
  char letter;
  double seconds;
};
constexpr std::array kTimeUnits{TimeUnit{'s', 1.0}, TimeUnit{'m', 60.0}, TimeUnit{'h', 3600.0}};

/// Parses "90s", "1.5m", "2h" into seconds.
double parse_time(Text flag, Text text) {
  const char letter = text.empty() ? '\0' : text.back();
  for (const TimeUnit& unit : kTimeUnits) {
    if (unit.letter != letter) continue;
    const std::string amount = text.substr(0, text.size() - 1);
    return unit.seconds * parse_double(flag, amount, 0.001, 100000.0, std::string(1, letter));
  }
  refuse_value(flag, text, "give seconds, minutes or hours: 90s, 5m or 1h");
}

}  // namespace

void add_checkpoint_flag(FlagTable& table, std::optional<int>& every, const std::string& unit) {
  table.value(
      "--checkpoint-every", "N|auto",
      unit + " between checkpoints for --resume. auto: at most 1 % of the run time; 0: only when " +
          "interrupted",
      "auto", [&every, unit](Text flag, Text text) {
        every.reset();
        if (text == "auto") return;
        every = parse_int(flag, text, 0, kMaxIterations, unit + " (or auto)");
      });
}

void add_time_limit_flag(FlagTable& table, const std::string& help, double& seconds) {
  table.value("--time-limit", "TIME", help, "none",
              [&](Text flag, Text text) { seconds = parse_time(flag, text); });
}

void add_checkpoint_flags(FlagTable& table, StylizeOptions& options) {
  CheckpointOptions& control = options.control;
  StoppingOptions& stopping = options.job.stopping;
  table.group("Long runs");
  table.toggle("--resume", "resume an interrupted run of the same command", control.resume);
  add_checkpoint_flag(table, control.checkpoint_every, "iterations");
  table.value("--snapshot-every", "N",
              "also write the image to OUTPUT-snapshots every N iterations", "none",
              [&](Text flag, Text text) {
                control.snapshot_every = parse_int(flag, text, 1, kMaxIterations, "iterations");
              });
  add_time_limit_flag(table,
                      "time limit for the whole command, divided among the passes: 90s, 5m or 1h",
                      stopping.time_limit_seconds);
  table.toggle("--stop-on-plateau",
               "end a pass when the loss stops improving, and start the next one",
               stopping.on_plateau);
  table.value("--plateau-threshold", "PERCENT",
              "--stop-on-plateau: smallest improvement of the loss in " +
                  std::to_string(stopping.plateau_window) + " iterations",
              number_text(stopping.plateau_percent), [&](Text flag, Text text) {
                stopping.plateau_percent = parse_double(flag, text, 0.001, 99.0);
              });
}

void check_checkpoint_flags(const StylizeOptions& options, const IsGiven& is_given) {
  const StoppingOptions& stopping = options.job.stopping;
  if (is_given("--plateau-threshold") && !stopping.on_plateau) {
    throw UsageError("--plateau-threshold is for --stop-on-plateau; add that or leave it out");
  }
  if (is_given("--reproducible") && stopping.time_limit_seconds > 0.0) {
    throw UsageError(
        "--reproducible and --time-limit exclude each other: the number of iterations within the "
        "limit differs from run to run; leave one of them out");
  }
  if (has_steps(make_schedule(options.job.schedule, Size{512, 512}))) return;
  for (const char* flag : {"--resume", "--checkpoint-every", "--snapshot-every", "--time-limit",
                           "--stop-on-plateau"}) {
    if (!is_given(flag)) continue;
    throw UsageError(std::string(flag) +
                     " has no effect with zero iterations; leave it out or give " +
                     "--iterations 1 or more");
  }
}

}  // namespace styletransfer::cli
