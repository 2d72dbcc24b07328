// Loading a job's images and network from paths. Errors name the flag that gave the path.
#pragma once

#include <functional>
#include <string>

#include "cli/inputs/style_images.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

/// read_image; logs the image's warnings, and errors name `flag` (unless it is empty).
[[nodiscard]] LoadedImage open_image(const std::string& flag, const std::string& path,
                                     int wanted_long_edge_px = 0);

/// probe_image; errors name `flag` (unless it is empty).
[[nodiscard]] ImageFileInfo inspect_image(const std::string& flag, const std::string& path);

/// Checks the headers of all style images and masks, before anything is decoded.
void inspect_styles(const JobOptions& options);

/// Decodes the styles and their masks into `job`, which must have its content, at the resolution
/// that a pass of `largest_px` needs.
void open_styles(const JobOptions& options, int largest_px, StyleImages& images, Job& job);

/// Scale factor of a style; `style` counts from 0.
[[nodiscard]] double style_scale(const JobOptions& options, std::size_t style);

/// The trust level set by --trust.
[[nodiscard]] NetworkTrust trust_of(const JobOptions& options);

/// Finds, checks and loads the VGG network, and checks that it has the layers of the job's loss.
[[nodiscard]] Network open_network(const JobOptions& options);

}  // namespace styletransfer::cli
