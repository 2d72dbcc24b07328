#include "cli/commands/train/train_commands.h"

#include "cli/options/train_flags.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {

TrainCommands::TrainCommands(CLI::App& app, ConfigFlags& config, LogFlags& log,
                             void (*configure_app)(CLI::App&))
    : app_(app.add_subcommand("train", "Train feed-forward networks")),
      fast_app_(app_->add_subcommand("fast", "Train a network for one style")),
      cyclegan_app_(app_->add_subcommand(
          "cyclegan", "Train two generators that translate between two image domains")),
      fast_table_(*fast_app_),
      cyclegan_table_(*cyclegan_app_) {
  add_train_fast_flags(fast_table_, fast_);
  add_train_cyclegan_flags(cyclegan_table_, cyclegan_);
  for (FlagTable* const table : {&fast_table_, &cyclegan_table_}) {
    add_config_flags(*table, config, WithPresets::kNo);
    add_log_flags(*table, log);
  }
  for (CLI::App* const each : {app_, fast_app_, cyclegan_app_}) configure_app(*each);
}

const FlagTable* TrainCommands::table_of(const CLI::App* command) const {
  if (command == fast_app_) return &fast_table_;
  return command == cyclegan_app_ ? &cyclegan_table_ : nullptr;
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
