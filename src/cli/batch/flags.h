// The flags of `batch` that the main job does not have.
#pragma once

#include "cli/combinations.h"
#include "cli/flag_table.h"
#include "cli/options.h"

namespace styletransfer::cli {

/// --contents and --styles.
void add_source_flags(FlagTable& table, BatchOptions& options);
/// --output FOLDER and --format.
void add_folder_flags(FlagTable& table, BatchOptions& options);
/// --format.
void add_format_flag(FlagTable& table, std::string& format);
/// --shard, --at-once and --dry-run.
void add_list_flags(FlagTable& table, BatchOptions& options);

/// --quality and --bit-depth with a format that has no use for them. Throws UsageError.
void check_format(const std::string& format, const WriteOptions& write, const IsGiven& is_given);

/// --report with --dry-run. Throws UsageError.
void check_dry_run(bool dry_run, const RecordOptions& records);

/// As the main job's (combinations.h). Throws UsageError.
void check_combinations(BatchOptions& options, const LogFlags& log, const IsGiven& is_given);

}  // namespace styletransfer::cli
