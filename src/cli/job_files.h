// From the paths of a job to pictures and network. Errors name the flag that gave the path.
#pragma once

#include <functional>
#include <string>

#include "cli/options.h"
#include "cli/style_pictures.h"

namespace styletransfer::cli {

/// read_image, with the picture's warnings shown and errors naming `flag` (unless it is empty).
[[nodiscard]] LoadedImage open_picture(const std::string& flag, const std::string& path,
                                       int wanted_long_edge_px = 0);

/// probe_image, with errors naming `flag` (unless it is empty).
[[nodiscard]] ImageFileInfo look_at_picture(const std::string& flag, const std::string& path);

/// Header check of every style picture and mask, before anything is decoded.
void look_at_styles(const JobOptions& options);

/// Puts the styles and their masks into `job`, whose content is there, each as large as a pass of
/// `largest_px` needs it.
void open_styles(const JobOptions& options, int largest_px, StylePictures& pictures, Job& job);

/// The factor of a style, counted from 0.
[[nodiscard]] double style_scale(const JobOptions& options, std::size_t style);

/// As --trust says.
[[nodiscard]] NetworkTrust trust_of(const JobOptions& options);

/// Finds, checks and loads the network, and checks that it has the layers of the job's loss.
[[nodiscard]] Network open_network(const JobOptions& options);

}  // namespace styletransfer::cli
