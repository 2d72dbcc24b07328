// Loading a job's images and network from paths. Errors name the flag that gave the path.
#pragma once

#include <string>

#include "cli/inputs/input_files.h"
#include "cli/inputs/style_images.h"
#include "cli/options/options.h"
#include "styletransfer/network_trust.h"

namespace styletransfer {
struct Network;
}

namespace styletransfer::cli {

/// Checks the headers of all style images and masks, before anything is decoded.
void inspect_styles(const JobOptions& options, InputFiles& files);

/// Decodes the styles and their masks into `job`, which must have its content, at the resolution
/// that a pass of `largest_px` needs.
void open_styles(const JobOptions& options, int largest_px, InputFiles& files, StyleImages& images,
                 Job& job);

/// The trust level set by --trust.
[[nodiscard]] NetworkTrust trust_of(const JobOptions& options);

/// Finds, checks and loads the VGG network, and checks that it has the layers of the job's loss.
[[nodiscard]] Network open_network(const JobOptions& options);

}  // namespace styletransfer::cli
