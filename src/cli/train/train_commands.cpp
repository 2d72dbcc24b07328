#include "cli/train/train_commands.h"

#include "cli/train/flags.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {

TrainCommands::TrainCommands(CLI::App& app, LogFlags& log, void (*set_manners)(CLI::App&))
    : app_(app.add_subcommand("train", "Train networks that paint in one pass")),
      fast_app_(app_->add_subcommand("fast", "A network for the manner of one painting")),
      cyclegan_app_(app_->add_subcommand("cyclegan",
                                         "Two networks that translate between two kinds of "
                                         "pictures")) {
  FlagTable fast_table(*fast_app_);
  add_train_fast_flags(fast_table, fast_);
  add_log_flags(fast_table, log);
  FlagTable cyclegan_table(*cyclegan_app_);
  add_train_cyclegan_flags(cyclegan_table, cyclegan_);
  add_log_flags(cyclegan_table, log);
  for (CLI::App* const each : {app_, fast_app_, cyclegan_app_}) set_manners(*each);
}

std::optional<Command> TrainCommands::command_of(const CLI::App* chosen, const LogFlags& log,
                                                 Verbosity verbosity) {
  if (chosen == app_) {
    throw UsageError("train needs a subcommand: train fast or train cyclegan (see train --help)");
  }
  if (chosen == fast_app_) {
    check_combinations(fast_, log);
    fast_.verbosity = verbosity;
    return fast_;
  }
  if (chosen == cyclegan_app_) {
    check_combinations(cyclegan_, log);
    cyclegan_.verbosity = verbosity;
    return cyclegan_;
  }
  return std::nullopt;
}

}  // namespace styletransfer::cli
