#include "cli/place_flags.h"

#include <algorithm>

#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;

/// What stands for a mask where a style has none.
constexpr const char* kNoMask = "none";

void add_mask_of_styles(FlagTable& table, const std::string& flag, const std::string& help,
                        std::vector<std::string>& paths) {
  table.repeated(flag, "FILE|none", help,
                 [&paths](Text, Text text) { paths.push_back(text == kNoMask ? "" : text); });
}

void check_count(const std::string& flag, const std::vector<std::string>& paths,
                 std::size_t styles) {
  if (paths.empty()) return;
  if (paths.size() != styles) {
    throw UsageError(flag + " is given " + std::to_string(paths.size()) + " times for " +
                     std::to_string(styles) +
                     " style picture(s); give one for each --style (none: no mask)");
  }
  if (std::all_of(paths.begin(), paths.end(), [](Text path) { return path.empty(); })) {
    throw UsageError(flag + " is none for every style; give a mask or leave it out");
  }
}

}  // namespace

void add_place_flags(FlagTable& table, JobOptions& options) {
  MaskPaths& masks = options.masks;
  table.group("Place");
  add_mask_of_styles(table, "--content-mask",
                     "where in the result a style paints (white); one for each --style; none: what "
                     "the others leave",
                     masks.content);
  add_mask_of_styles(table, "--style-mask",
                     "which part of a style picture is taken (white); one for each --style",
                     masks.style);
  table.value("--untouched-mask", "FILE", "white: stays exactly as the content", "",
              [&](Text, Text text) { masks.untouched = text; });
  table.value("--content-weight-mask", "FILE",
              "content weight by place: black 0, mid-grey 1, white 4 times", "",
              [&](Text, Text text) { masks.content_weight = text; });
}

void check_places(const JobOptions& options) {
  const std::size_t styles = options.style_paths.size();
  check_count("--content-mask", options.masks.content, styles);
  check_count("--style-mask", options.masks.style, styles);
  if (options.style_scale.size() > 1 && options.style_scale.size() != styles) {
    throw UsageError("--style-scale has " + std::to_string(options.style_scale.size()) +
                     " factors for " + std::to_string(styles) +
                     " style picture(s); give one for all or one for each");
  }
  if (!options.masks.content.empty() && !options.style_blend.empty()) {
    throw UsageError(
        "--style-blend has no part in --content-mask: the greys of the masks are the shares; leave "
        "one out");
  }
  if (!options.masks.content_weight.empty() && options.job.schedule.content_weight == 0.0) {
    throw UsageError(
        "--content-weight-mask has no effect with --content-weight 0; leave one of them out");
  }
}

}  // namespace styletransfer::cli
