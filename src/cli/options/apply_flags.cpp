#include "cli/options/apply_flags.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include "cli/options/batch_flags.h"
#include "cli/options/choices.h"
#include "cli/options/color_flags.h"
#include "cli/options/network_flags.h"
#include "cli/options/report_flags.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;

void add_network_flags(FlagTable& table, ApplyOptions& options) {
  FeedForwardOptions& feed_forward = options.image.feed_forward;
  table.group("Network");
  table.value("-n,--network", "FILE.pt", "TorchScript feed-forward network", "",
              [&](Text, Text text) { feed_forward.network_path = text; });
  add_convention_flags(table, feed_forward);
}

void add_result_flags(FlagTable& table, ApplyOptions& options) {
  table.group("Output");
  table.value("-o,--output", "FILE|FOLDER",
              "output file for one image, or a folder for files named IMAGE-NETWORK.FORMAT",
              "the current folder", [&](Text, Text text) { options.output = text; });
  add_format_flag(table, options.format);
  add_file_flags(table, options.image);
  table.toggle("--dry-run", "list state, image, network and result on stdout and exit",
               options.dry_run);
  ScheduleOptions& schedule = options.image.job.schedule;
  table.group("Size");
  table.value("--size", "PX|content",
              "long side of the result in pixels, or that of the image file", "content",
              [&](Text flag, Text text) { schedule.size_px = parse_size(flag, text); });
}

void add_refinement_flags(FlagTable& table, ApplyOptions& options) {
  StylizeOptions& image = options.image;
  table.group("Refinement");
  table.value("--refine", "N", "refine with N optimizer iterations in the style of --style", "0",
              [&](Text flag, Text text) {
                options.refine_iterations =
                    parse_int(flag, text, 1, std::numeric_limits<int>::max(), "iterations");
              });
  table.repeated("-s,--style", "IMAGE", "--refine: style image (repeatable; styles are blended)",
                 [&](Text, Text text) { image.style_paths.push_back(text); });
  add_weight_flags(table, image.job);
}

/// "a.png" names a file, unless a folder of that name exists.
bool names_a_file(const std::string& output) {
  std::error_code ignored;
  return std::filesystem::path(output).has_extension() &&
         !std::filesystem::is_directory(output, ignored);
}

void check_output(ApplyOptions& options, const IsGiven& is_given) {
  if (!names_a_file(options.output)) {
    check_format(options.format, options.image.write, is_given);
    options.image.output_path = "IMAGE-NETWORK." + options.format;
    return;
  }
  if (is_given("--format")) {
    throw UsageError("--format is for --output FOLDER; the extension of " + options.output +
                     " already sets it: leave --format out");
  }
  std::error_code ignored;
  if (options.images.size() > 1 || std::filesystem::is_directory(options.images.front(), ignored)) {
    throw UsageError("--output " + options.output +
                     " is one file for several images; give a folder");
  }
  options.image.output_path = options.output;
}

void check_refinement(ApplyOptions& options, const IsGiven& is_given) {
  StylizeOptions& image = options.image;
  const Colors colors = image.job.colors;
  if (options.refine_iterations > 0) {
    if (image.style_paths.empty()) {
      throw UsageError("--refine needs a style image; add --style FILE");
    }
    if (only_transfers_colors(colors)) {
      throw UsageError("--colors " + name_of(colors, kColorChoices) +
                       " only recolors and needs no network; leave it out or choose another value");
    }
    PassOverrides pass;
    pass.iterations = options.refine_iterations;
    image.job.schedule.pass_list = {pass};
    return;
  }
  for (const char* flag :
       {"--style", "--strength", "--content-weight", "--style-weight", "--tv-weight", "--model"}) {
    if (!is_given(flag)) continue;
    throw UsageError(std::string(flag) + " is for --refine; add that or leave " + flag + " out");
  }
  if (colors == Colors::kContentStatistics || only_transfers_colors(colors)) {
    throw UsageError("--colors " + name_of(colors, kColorChoices) +
                     " needs a style image; choose style, content or neutral");
  }
  // Zero iterations: the result is the start image, which is the network's output.
  image.job.schedule.iterations = 0;
  image.runtime.precision =
      image.feed_forward.in_bfloat16 ? Precision::kBfloat16 : Precision::kFloat32;
}

}  // namespace

void add_apply_flags(FlagTable& table, ApplyOptions& options) {
  StylizeOptions& image = options.image;
  table.arguments("IMAGE", "images to stylize, and folders of images", options.images);
  add_network_flags(table, options);
  add_result_flags(table, options);
  add_color_flags(table, image.job);
  add_refinement_flags(table, options);
  add_device_flags(table, image);
  table.value("--precision", "float32|bfloat16", "number type of the --network's activations",
              name_of(Precision::kFloat32, kPrecisions), [&](Text flag, Text text) {
                image.feed_forward.in_bfloat16 = parse_choice(flag, text, kFeedForwardPrecisions);
              });
  add_memory_flag(table, image.job.memory_limit_bytes);
  add_report_flag(table, "write a report, .json or .html; repeat for both", image.reports);
}

void check_combinations(ApplyOptions& options, const LogFlags& log, const IsGiven& is_given) {
  const char* example = "; for example: styletransfer apply --network painting.pt photo.jpg";
  StylizeOptions& image = options.image;
  if (!image.feed_forward.is_wanted()) {
    throw UsageError(std::string("--network is missing") + example);
  }
  if (options.images.empty()) {
    throw UsageError(std::string("apply needs images to stylize") + example);
  }
  check_messages(log);
  check_dry_run(options.dry_run, image.reports);
  image.feed_forward.flag = "--network";
  image.job.init.kind = InitKind::kImage;
  check_output(options, is_given);
  check_refinement(options, is_given);
  check_combinations(image, is_given);
  image.content_flag = "input";
}

}  // namespace styletransfer::cli
