// Which flags go together. An option is never accepted and ignored.
#pragma once

#include <functional>
#include <string>

#include "cli/flag_groups.h"
#include "cli/options.h"

namespace styletransfer::cli {

/// Tells whether a flag ("--seed") was on the command line.
using IsGiven = std::function<bool(const std::string& flag)>;

/// --quiet with --verbose. Throws UsageError.
void check_messages(const LogFlags& log);

/// Refuses missing flags, contradictions, and flags that would have no effect. Throws UsageError.
void check_combinations(const JobOptions& options, const LogFlags& log);
/// The main job's: only what is painted needs a --style.
void check_combinations(const StylizeOptions& options, const LogFlags& log);
void check_combinations(const StylizeOptions& options, const IsGiven& is_given);

/// Shares and loss, of any command that paints in the manner of --style. Throws UsageError.
void check_styles(const JobOptions& options);

/// `<content stem>-<style stem>.png`, every style in turn, in the current folder.
[[nodiscard]] std::string default_output_path(const JobOptions& options);

}  // namespace styletransfer::cli
