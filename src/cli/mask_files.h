// From the paths of masks to masks. Errors name the flag that gave the path.
#pragma once

#include <functional>
#include <string>

#include "cli/options.h"

namespace styletransfer::cli {

/// Calls use(flag, path) for every mask that is named: content, style, untouched, content weight.
void for_each_mask(
    const MaskPaths& masks,
    const std::function<void(const std::string& flag, const std::string& path)>& use);

/// Header check of every mask, before anything is decoded.
void look_at_masks(const JobOptions& options);

/// Reads the masks into `job`, whose styles are there. `largest_px`: long side of the largest pass;
/// no mask is read larger than it is used. Warns of masks whose proportions are not the picture's.
void open_masks(const JobOptions& options, int largest_px, Job& job);

}  // namespace styletransfer::cli
