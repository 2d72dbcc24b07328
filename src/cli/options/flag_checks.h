// Checks of flag combinations. A flag that would have no effect is an error.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/options/flag_groups.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

/// True when a flag ("--seed") was given on the command line.
using IsGiven = std::function<bool(const std::string& flag)>;

/// False when the passes only resize the content.
[[nodiscard]] bool needs_network(const StylizeOptions& options, const std::vector<Pass>& passes);

/// Rejects --quiet with --verbose. Throws UsageError.
void check_messages(const LogFlags& log);

/// Rejects missing flags, contradictions, and flags that would have no effect. Throws UsageError.
void check_combinations(const JobOptions& options, const LogFlags& log);
/// For the main command, which needs --style only when a pass has iterations.
void check_combinations(const StylizeOptions& options, const LogFlags& log);
void check_combinations(const StylizeOptions& options, const IsGiven& is_given);

/// Checks blend shares and loss, for any command with --style. Throws UsageError.
void check_styles(const JobOptions& options);

/// `<content stem>-<style stem>.png` in the current folder, with the stems of all styles in order.
[[nodiscard]] std::string default_output_path(const JobOptions& options);

}  // namespace styletransfer::cli
