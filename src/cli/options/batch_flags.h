// Flags of `batch` that the main command does not have.
#pragma once

#include "cli/args/flag_table.h"
#include "cli/options/flag_checks.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

/// --contents and --styles.
void add_source_flags(FlagTable& table, BatchOptions& options);
/// --output FOLDER and --format.
void add_folder_flags(FlagTable& table, BatchOptions& options);
/// --format.
void add_format_flag(FlagTable& table, std::string& format);
/// --shard, --at-once and --dry-run.
void add_list_flags(FlagTable& table, BatchOptions& options);

/// Rejects --quality and --bit-depth for formats that do not support them. Throws UsageError.
void check_format(const std::string& format, const WriteOptions& write, const IsGiven& is_given);

/// Rejects --report with --dry-run. Throws UsageError.
void check_dry_run(bool dry_run, const ReportOptions& reports);

/// Like the main command's check (flag_checks.h). Throws UsageError.
void check_combinations(BatchOptions& options, const LogFlags& log, const IsGiven& is_given);

}  // namespace styletransfer::cli
