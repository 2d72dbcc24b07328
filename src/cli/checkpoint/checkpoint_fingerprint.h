// Checkpoint fingerprint: the settings and inputs that determine the result, and the machine.
#pragma once

#include <functional>
#include <string>

#include "cli/options/options.h"
#include "styletransfer/run_report.h"

namespace styletransfer::cli {

/// Computes a fingerprint on demand: hashing a network and large inputs takes a moment.
using Fingerprint = std::function<std::string()>;

/// One line of JSON. `settings`: JSON object of everything that determines the result except
/// machine and program.
[[nodiscard]] std::string fingerprint_text(const std::string& settings, const Runtime& runtime);

/// The fingerprint of a stylization run.
[[nodiscard]] std::string checkpoint_fingerprint(const StylizeOptions& options,
                                                 const InputHashes& inputs, const Runtime& runtime);

/// First difference between two fingerprints in what determines the result: "style_weight is 12.0
/// there and 20.0 now"; empty when they agree.
[[nodiscard]] std::string fingerprint_difference(const std::string& there, const std::string& now);

/// First difference that can change only rounding (threads, kind of processor); empty when they
/// agree.
[[nodiscard]] std::string machine_difference(const std::string& there, const std::string& now);

}  // namespace styletransfer::cli
