// Loading masks from paths. Errors name the flag that gave the path.
#pragma once

#include <functional>
#include <string>

#include "cli/inputs/input_files.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

/// Calls use(flag, path) for every given mask: content, style, untouched, content weight.
void for_each_mask(
    const MaskPaths& masks,
    const std::function<void(const std::string& flag, const std::string& path)>& use);

/// Checks the headers of all masks, before anything is decoded.
void inspect_masks(const JobOptions& options, InputFiles& files);

/// Decodes the masks into `job`, which must have its styles. `largest_px`: long side of the largest
/// pass; no mask is decoded at a higher resolution than needed. Warns when a mask's proportions
/// differ from its image's.
void open_masks(const JobOptions& options, int largest_px, InputFiles& files, Job& job);

}  // namespace styletransfer::cli
