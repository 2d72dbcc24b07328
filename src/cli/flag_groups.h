// The flag table: every flag of the program, in groups, bound to the field that it sets. Defaults
// in the help are read off the structs, so they cannot differ from what runs.
#pragma once

#include "cli/flag_table.h"
#include "cli/options.h"

namespace styletransfer::cli {

/// --quiet and --verbose as given; resolved by check_combinations.
struct LogFlags {
  bool quiet = false;
  bool verbose = false;
};

/// --style and what goes with it.
void add_style_flags(FlagTable& table, JobOptions& options);
void add_picture_flags(FlagTable& table, JobOptions& options);
void add_output_flags(FlagTable& table, StylizeOptions& options);
/// Those of the output flags that are about the file's inside, and --overwrite.
void add_file_flags(FlagTable& table, StylizeOptions& options);
void add_schedule_flags(FlagTable& table, StylizeOptions& options);
void add_margin_flag(FlagTable& table, Job& job);
void add_start_flags(FlagTable& table, StylizeOptions& options);
void add_weight_flags(FlagTable& table, Job& job);
void add_loss_flags(FlagTable& table, Job& job);
void add_optimizer_flags(FlagTable& table, OptimizerOptions& optimizer);
void add_device_flags(FlagTable& table, JobOptions& options);
/// --device and --threads.
void add_trust_flag(FlagTable& table, bool& trusts_networks);
void add_runtime_flags(FlagTable& table, RuntimeOptions& runtime);
void add_precision_flag(FlagTable& table, RuntimeOptions& runtime);
void add_seed_flag(FlagTable& table, const std::string& help, std::uint64_t& seed);
/// What only the main job chooses: --precision and --memory-limit.
void add_run_flags(FlagTable& table, StylizeOptions& options);
/// --memory-limit.
void add_memory_flag(FlagTable& table, std::int64_t& limit_bytes);
void add_log_flags(FlagTable& table, LogFlags& flags);

}  // namespace styletransfer::cli
