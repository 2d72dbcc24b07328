// Per-image limits of a batch.
#pragma once

#include <string>
#include <vector>

#include "cli/inputs/image_list.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

/// Marks images that these settings cannot stylize (for example too large with --size content) as
/// unusable. Throws UsageError when no usable image is left. `flag`: the flag that named the
/// images.
void check_image_limits(const StylizeOptions& shared, const std::string& flag,
                        std::vector<SourceImage>& images);

}  // namespace styletransfer::cli
