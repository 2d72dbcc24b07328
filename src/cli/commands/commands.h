// The subcommands. Each returns the exit code and throws on failure.
#pragma once

#include "cli/options/options.h"

namespace styletransfer::cli {

int run_command(const ShowText& command);
int run_command(const StylizeOptions& command);
int run_command(const BatchOptions& command);
int run_command(const ApplyOptions& command);
int run_command(const LossCommandOptions& command);
int run_command(const TrainFastOptions& command);
int run_command(const TrainCycleganOptions& command);
int run_command(const ImageInfoOptions& command);
int run_command(const ModelInfoOptions& command);
int run_command(const ModelImportOptions& command);

}  // namespace styletransfer::cli
