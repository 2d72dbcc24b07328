// `train` on the command line: its subcommands with the options that they fill.
#pragma once

#include <optional>

#include "cli/config_flags.h"
#include "cli/flag_groups.h"
#include "cli/flag_table.h"
#include "cli/options.h"

namespace styletransfer::cli {

class TrainCommands {
 public:
  /// Adds `train` with its subcommands. `config` and `log` get their flags; `set_manners` gives
  /// each the program's manners. `app`, `config` and `log` must outlive this.
  TrainCommands(CLI::App& app, ConfigFlags& config, LogFlags& log, void (*set_manners)(CLI::App&));

  /// The flags of one of them; null when `command` is neither.
  [[nodiscard]] const FlagTable* table_of(const CLI::App* command) const;

  /// What the command line asks for; nothing when `chosen` is none of these. Throws UsageError.
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
