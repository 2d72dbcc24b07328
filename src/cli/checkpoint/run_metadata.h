// Run metadata stored in the image: enough to know how it was made and to reproduce it.
#pragma once

#include <string>

#include "cli/options/options.h"
#include "styletransfer/run_report.h"

namespace styletransfer::cli {

/// Everything that determines the image except the machine: one line of JSON.
[[nodiscard]] std::string request_text(const StylizeOptions& options, const InputHashes& inputs);

/// True when an image with these stored settings was written by an unfinished run.
[[nodiscard]] bool is_unfinished(const std::string& stored_settings);

/// One line of JSON. Keys are the options' names with underscores; every default is resolved.
[[nodiscard]] std::string settings_json(const StylizeOptions& options, const RunReport& report);

/// Same, as stored in the image: with --reproducible or $SOURCE_DATE_EPOCH without times, machine
/// and folders, which differ between runs that make the same image.
[[nodiscard]] std::string stored_settings(const StylizeOptions& options, const RunReport& report);

/// First difference between an image's stored settings and what these options would make of these
/// inputs: "style_weight is 12.0 there and 20.0 now"; empty when they agree and the run was
/// finished. Input names and folders, device and threads are ignored, and so is the precision
/// unless it was set explicitly.
[[nodiscard]] std::string difference_from(const std::string& stored_settings,
                                          const StylizeOptions& options, const InputHashes& inputs);

}  // namespace styletransfer::cli
