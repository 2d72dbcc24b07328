#include "cli/options/mask_flags.h"

#include <algorithm>

#include "cli/terminal/formatted.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;

/// Value of a mask flag for a style without a mask.
constexpr const char* kNoMask = "none";

void add_mask_of_styles(FlagTable& table, const std::string& flag, const std::string& help,
                        std::vector<std::string>& paths) {
  table.repeated(flag, "IMAGE|none", help,
                 [&paths](Text, Text text) { paths.push_back(text == kNoMask ? "" : text); });
}

void check_count(const std::string& flag, const std::vector<std::string>& paths,
                 std::size_t styles) {
  if (paths.empty()) return;
  if (paths.size() != styles) {
    throw UsageError(flag + " is given " + counted(static_cast<long long>(paths.size()), "time") +
                     " for " + counted(static_cast<long long>(styles), "style image") +
                     "; give one for each --style (none: no mask)");
  }
  if (std::all_of(paths.begin(), paths.end(), [](Text path) { return path.empty(); })) {
    throw UsageError(flag + " is none for every style; give a mask or leave it out");
  }
}

}  // namespace

void add_mask_flags(FlagTable& table, JobOptions& options) {
  MaskPaths& masks = options.masks;
  table.group("Masks");
  add_mask_of_styles(table, "--content-mask",
                     "where a style is applied in the result (white); one per --style; none: the "
                     "area left by the others",
                     masks.content);
  add_mask_of_styles(table, "--style-mask",
                     "which part of a style image is used (white); one per --style", masks.style);
  table.value("--untouched-mask", "IMAGE", "white areas keep the content's pixels exactly", "",
              [&](Text, Text text) { masks.untouched = text; });
  table.value("--content-weight-mask", "IMAGE",
              "local factor of the content weight: black 0, mid-gray 1, white 4", "",
              [&](Text, Text text) { masks.content_weight = text; });
}

void check_mask_flags(const JobOptions& options) {
  const std::size_t styles = options.style_paths.size();
  check_count("--content-mask", options.masks.content, styles);
  check_count("--style-mask", options.masks.style, styles);
  if (options.style_scale.size() > 1 && options.style_scale.size() != styles) {
    throw UsageError("--style-scale has " + std::to_string(options.style_scale.size()) +
                     " factors for " + std::to_string(styles) +
                     " style image(s); give one for all or one for each");
  }
  if (!options.masks.content.empty() && !options.style_blend.empty()) {
    throw UsageError(
        "--style-blend has no effect with --content-mask, whose gray values are the weights; leave "
        "one out");
  }
  if (!options.masks.content_weight.empty() && options.job.schedule.content_weight == 0.0) {
    throw UsageError(
        "--content-weight-mask has no effect with --content-weight 0; leave one of them out");
  }
}

}  // namespace styletransfer::cli
