// Rows of the option tables, in groups that several commands share. Every option is bound to its
// field; defaults, bounds and names of values come from there.
#pragma once

#include <string>

#include "cli/args/option_table.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

// image_rows.cpp

/// --content and the rows of add_style_rows.
void add_image_rows(OptionTable& table, JobOptions& options);
/// --style, --style-blend and --style-scale.
void add_style_rows(OptionTable& table, JobOptions& options);
OptionRow& add_style_row(OptionTable& table, const std::string& help, JobOptions& options);
/// An option that images and folders follow.
void add_images_row(OptionTable& table, const std::string& names, const std::string& help,
                    std::vector<std::string>& paths);
void add_mask_rows(OptionTable& table, JobOptions& options);

// output_rows.cpp

/// Rows about the file's encoding, and --overwrite.
void add_file_rows(OptionTable& table, StylizeOptions& options);
OptionRow& add_format_row(OptionTable& table, std::string& format);
OptionRow& add_dry_run_row(OptionTable& table, const std::string& help, bool& dry_run);

// The problem of --quality, or of --bit-depth, with the output; empty when its format has it.
[[nodiscard]] std::string quality_problem(const std::string& output_path);
[[nodiscard]] std::string format_quality_problem(const Texts& own, const TextsOf& texts_of);
[[nodiscard]] std::string format_depth_problem(const Texts& own, const TextsOf& texts_of);

// schedule_rows.cpp

OptionRow& add_size_row(OptionTable& table, const std::string& help, StylizeOptions& options);
/// Size, passes and margin.
void add_schedule_rows(OptionTable& table, StylizeOptions& options);
/// The start image.
void add_start_rows(OptionTable& table, StylizeOptions& options);
OptionRow& add_seed_row(OptionTable& table, const std::string& help, std::uint64_t& seed);
/// `object`: stored keys begin with it, "schedule.".
void add_weight_rows(OptionTable& table, Job& job, const std::string& object);
/// The options that can be keys of --pass, for reading and writing passes (pass_values.h); bound to
/// no command.
[[nodiscard]] const OptionTable& pass_table();

// loss_rows.cpp

OptionRow& add_color_row(OptionTable& table, Job& job);
void add_loss_rows(OptionTable& table, Job& job);
void add_optimizer_rows(OptionTable& table, OptimizerOptions& optimizer);

// network_rows.cpp

/// --convention, --input-range and so on. A single value overrides --convention, regardless of the
/// order.
void add_convention_rows(OptionTable& table, FeedForwardOptions& feed_forward);
/// --precision of apply.
void add_network_precision_row(OptionTable& table, FeedForwardOptions& feed_forward);
/// --model, --trust, --device and --threads.
void add_device_rows(OptionTable& table, JobOptions& options);
void add_trust_row(OptionTable& table, bool& trusts_networks);
/// --device and --threads.
void add_runtime_rows(OptionTable& table, RuntimeOptions& runtime);
void add_precision_row(OptionTable& table, RuntimeOptions& runtime);
void add_memory_row(OptionTable& table, std::int64_t& limit_bytes);

// run_rows.cpp

/// Checkpoints, snapshots and stopping rules.
void add_checkpoint_rows(OptionTable& table, StylizeOptions& options);
/// The same of a training.
void add_training_control_rows(OptionTable& table, TrainingControl& control,
                               TrainingLimits& limits);
OptionRow& add_report_row(OptionTable& table, const std::string& help, ReportOptions& reports);
void add_watch_row(OptionTable& table, ReportOptions& reports);

/// Makes the option one that the command cannot do without. `example`: a complete command line
/// without the program's name.
void require(OptionTable& table, const std::string& flag, const std::string& example);
inline constexpr const char* kExample = "--content photo.jpg --style painting.jpg";

enum class WithPresets { kNo, kYes };
void add_configuration_rows(OptionTable& table, CommandOptions& options, WithPresets presets);
void add_message_rows(OptionTable& table, CommandOptions& options);

}  // namespace styletransfer::cli
