// Rows of the flag table: every flag of the program, in groups, bound to its option field. The
// defaults in --help are taken from the structs, so they cannot differ from the real ones.
#pragma once

#include "cli/args/flag_table.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

/// --quiet and --verbose as given; check_combinations resolves them.
struct LogFlags {
  bool quiet = false;
  bool verbose = false;
};

/// --style, --style-blend and --style-scale.
void add_style_flags(FlagTable& table, JobOptions& options);
void add_image_flags(FlagTable& table, JobOptions& options);
void add_output_flags(FlagTable& table, StylizeOptions& options);
/// Output flags about the file's encoding, and --overwrite.
void add_file_flags(FlagTable& table, StylizeOptions& options);
void add_schedule_flags(FlagTable& table, StylizeOptions& options);
void add_margin_flag(FlagTable& table, Job& job);
void add_start_flags(FlagTable& table, StylizeOptions& options);
void add_weight_flags(FlagTable& table, Job& job);
void add_loss_flags(FlagTable& table, Job& job);
void add_optimizer_flags(FlagTable& table, OptimizerOptions& optimizer);
void add_device_flags(FlagTable& table, JobOptions& options);
/// --trust.
void add_trust_flag(FlagTable& table, bool& trusts_networks);
/// --device and --threads.
void add_runtime_flags(FlagTable& table, RuntimeOptions& runtime);
void add_precision_flag(FlagTable& table, RuntimeOptions& runtime);
void add_seed_flag(FlagTable& table, const std::string& help, std::uint64_t& seed);
/// --precision and --memory-limit.
void add_run_flags(FlagTable& table, StylizeOptions& options);
/// --memory-limit.
void add_memory_flag(FlagTable& table, std::int64_t& limit_bytes);
void add_log_flags(FlagTable& table, LogFlags& flags);

}  // namespace styletransfer::cli
