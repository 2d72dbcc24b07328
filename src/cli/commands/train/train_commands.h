// The `train` command: its subcommands and their options.
#pragma once

#include <optional>

#include "cli/args/config_flags.h"
#include "cli/args/flag_table.h"
#include "cli/options/flag_groups.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

class TrainCommands {
 public:
  /// Adds `train` with its subcommands. `config` and `log` receive their flags; `configure_app`
  /// applies the program's parser settings to each. `app`, `config` and `log` must outlive this.
  TrainCommands(CLI::App& app, ConfigFlags& config, LogFlags& log,
                void (*configure_app)(CLI::App&));

  /// Flag table of `command`; null when it is neither subcommand.
  [[nodiscard]] const FlagTable* table_of(const CLI::App* command) const;

  /// The requested command; nothing when `chosen` is not a `train` subcommand. Throws UsageError.
  [[nodiscard]] std::optional<Command> command_of(const CLI::App* chosen, const LogFlags& log,
                                                  Verbosity verbosity);

 private:
  TrainFastOptions fast_;
  TrainCycleganOptions cyclegan_;
  CLI::App* app_;
  CLI::App* fast_app_;
  CLI::App* cyclegan_app_;
  FlagTable fast_table_;
  FlagTable cyclegan_table_;
};

}  // namespace styletransfer::cli
