// What a saved state belongs to: the settings and inputs that decide the picture, and the machine.
#pragma once

#include <functional>
#include <string>

#include "cli/options.h"
#include "cli/settings.h"

namespace styletransfer::cli {

/// Makes a binding when it is needed: hashing a network and large inputs takes a moment.
using Binding = std::function<std::string()>;

/// JSON on one line. settings: a JSON object of what decides the result, machine and program aside.
[[nodiscard]] std::string binding_text(const std::string& settings, const Runtime& runtime);

/// That of the main job.
[[nodiscard]] std::string run_binding(const StylizeOptions& options, const InputHashes& inputs,
                                      const Runtime& runtime);

/// Where two bindings differ in what decides the result: "style_weight is 12.0 there and 20.0
/// now"; empty when they agree.
[[nodiscard]] std::string binding_difference(const std::string& there, const std::string& now);

/// Where they differ in what may change roundings only (threads, the kind of processor); empty when
/// they agree.
[[nodiscard]] std::string machine_difference(const std::string& there, const std::string& now);

}  // namespace styletransfer::cli
