// The table of options of every command, and what a command's options imply together.
#pragma once

#include <functional>
#include <string>

#include "cli/args/option_table.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

// Rows in the order of --help, with all conflicts that they declare. The options must outlive the
// table.
[[nodiscard]] OptionTable stylize_table(StylizeOptions& options);
[[nodiscard]] OptionTable batch_table(BatchOptions& options);
[[nodiscard]] OptionTable apply_table(ApplyOptions& options);
[[nodiscard]] OptionTable loss_table(LossCommandOptions& options);
[[nodiscard]] OptionTable train_fast_table(TrainFastOptions& options);
[[nodiscard]] OptionTable train_cyclegan_table(TrainCycleganOptions& options);
[[nodiscard]] OptionTable image_info_table(ImageInfoOptions& options);
[[nodiscard]] OptionTable model_info_table(ModelInfoOptions& options);
[[nodiscard]] OptionTable model_import_table(ModelImportOptions& options);

/// Everything that an image's settings are made of, whichever command makes it: the rows of
/// stylize_table and those of a feed-forward network. Not a command's table: --precision is in it
/// twice.
[[nodiscard]] OptionTable result_table(StylizeOptions& options);

/// True for an option ("--seed") that is set, on the command line or in a file.
using IsGiven = std::function<bool(const std::string& flag)>;

// Refuse options that are missing, or that together are invalid, and fill in what they imply. The
// conflicts of the rows are checked before. Throw UsageError, or OptionError for a combination.
void complete(StylizeOptions& options, const IsGiven& is_given);
void complete(BatchOptions& options, const IsGiven& is_given);
void complete(ApplyOptions& options, const IsGiven& is_given);
void complete(LossCommandOptions& options, const IsGiven& is_given);
void complete(TrainFastOptions& options, const IsGiven& is_given);
void complete(TrainCycleganOptions& options, const IsGiven& is_given);
void complete(ImageInfoOptions& options, const IsGiven& is_given);
void complete(ModelInfoOptions& options, const IsGiven& is_given);
void complete(ModelImportOptions& options, const IsGiven& is_given);

/// What the commands that make images have in common. `command`: the options that hold `image`.
void complete_image(StylizeOptions& image, const CommandOptions& command, const IsGiven& is_given);

}  // namespace styletransfer::cli
