#include "cli/inputs/mask_files.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "cli/terminal/log.h"

namespace styletransfer::cli {
namespace {

/// True when the proportions differ by more than rounding to whole pixels explains.
bool is_stretched(Size mask, Size image) {
  const double ratio = static_cast<double>(mask.width_px) * image.height_px /
                       (static_cast<double>(mask.height_px) * image.width_px);
  const double shortest =
      std::min({mask.width_px, mask.height_px, image.width_px, image.height_px});
  return std::abs(std::log(ratio)) > 0.01 + 1.0 / shortest;
}

/// Reads a mask for an image of this size; empty without a path.
Mask read_mask(InputFiles& files, const char* flag, const std::string& path, Size image,
               int long_edge_px) {
  if (path.empty()) return {};
  const LoadedImage file = files.read(flag, path, long_edge_px);
  if (is_stretched(file.file.size, image)) {
    log_warning(std::string(flag).append(" ").append(path).append(
        " does not have its image's proportions: stretched to fit"));
  }
  return mask_from_image(file.image);
}

std::shared_ptr<const Mask> read_shared(InputFiles& files, const char* flag,
                                        const std::string& path, Size image, int long_edge_px) {
  if (path.empty()) return nullptr;
  return std::make_shared<Mask>(read_mask(files, flag, path, image, long_edge_px));
}

}  // namespace

void for_each_mask(
    const MaskPaths& masks,
    const std::function<void(const std::string& flag, const std::string& path)>& use) {
  const auto if_named = [&](const char* flag, const std::string& path) {
    if (!path.empty()) use(flag, path);
  };
  for (const std::string& path : masks.content) if_named("--content-mask", path);
  for (const std::string& path : masks.style) if_named("--style-mask", path);
  if_named("--untouched-mask", masks.untouched);
  if_named("--content-weight-mask", masks.content_weight);
}

void inspect_masks(const JobOptions& options, InputFiles& files) {
  for_each_mask(options.masks, [&](const std::string& flag, const std::string& path) {
    static_cast<void>(files.inspect(flag, path));
  });
}

void open_masks(const JobOptions& options, int largest_px, InputFiles& files, Job& job) {
  const MaskPaths& masks = options.masks;
  const Size content = job.content.size;
  for (std::size_t i = 0; i < job.styles.size(); ++i) {
    Style& style = job.styles[i];
    if (!masks.content.empty()) {
      style.content_mask =
          read_shared(files, "--content-mask", masks.content[i], content, largest_px);
    }
    if (!masks.style.empty()) {
      style.style_mask = read_shared(files, "--style-mask", masks.style[i], style.image->size,
                                     style_long_edge_px(largest_px, style.scale));
    }
  }
  job.untouched_mask = read_mask(files, "--untouched-mask", masks.untouched, content, largest_px);
  job.content_weight_mask =
      read_mask(files, "--content-weight-mask", masks.content_weight, content, largest_px);
}

}  // namespace styletransfer::cli
