// What the conflicts of several options ask of the texts of others.
#pragma once

#include <string>
#include <vector>

#include "cli/args/option_table.h"

namespace styletransfer::cli {

/// The number that an option is set to, or `otherwise`.
[[nodiscard]] double number_of(const Texts& texts, double otherwise);

/// The passes of --pass.
[[nodiscard]] std::vector<PassOverrides> listed_passes(const TextsOf& texts_of);

/// False when no pass has iterations, so that nothing is optimized.
[[nodiscard]] bool has_steps(const TextsOf& texts_of);

/// "--size has no effect: every --pass sets size; ...".
[[nodiscard]] Conflict overridden_by_passes(const std::string& flag);

/// "--resume has no effect with zero iterations; ...".
[[nodiscard]] Conflict without_steps(const std::string& flag);

}  // namespace styletransfer::cli
