#include "cli/apply/flags.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include "cli/batch/flags.h"
#include "cli/choices.h"
#include "cli/color_flags.h"
#include "cli/convention_flags.h"
#include "cli/report/record_flags.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;

void add_network_flags(FlagTable& table, ApplyOptions& options) {
  PaintingOptions& painting = options.picture.painting;
  table.group("Network");
  table.value("-n,--network", "FILE", "TorchScript network that paints a picture in one pass", "",
              [&](Text, Text text) { painting.network_path = text; });
  add_convention_flags(table, painting);
}

void add_result_flags(FlagTable& table, ApplyOptions& options) {
  table.group("Output");
  table.value("-o,--output", "FILE|FOLDER",
              "where to write: a file for one picture, or a folder of PICTURE-NETWORK.FORMAT",
              "the current folder", [&](Text, Text text) { options.output = text; });
  add_format_flag(table, options.format);
  add_file_flags(table, options.picture);
  table.toggle("--dry-run", "only list state, picture, network and result, on stdout",
               options.dry_run);
  ScheduleOptions& schedule = options.picture.job.schedule;
  table.group("Size");
  table.value("--size", "PX|content", "long side of the result in pixels, or that of the picture",
              "content", [&](Text flag, Text text) { schedule.size_px = parse_size(flag, text); });
}

void add_refinement_flags(FlagTable& table, ApplyOptions& options) {
  StylizeOptions& picture = options.picture;
  table.group("Refinement");
  table.value("--refine", "N", "then N steps of the main job, in the manner of --style", "0",
              [&](Text flag, Text text) {
                options.refine_iterations =
                    parse_int(flag, text, 1, std::numeric_limits<int>::max(), "steps");
              });
  table.repeated("-s,--style", "FILE", "for --refine: picture whose manner to paint in",
                 [&](Text, Text text) { picture.style_paths.push_back(text); });
  add_weight_flags(table, picture.job);
}

/// "a.png" names a file, unless there is a folder of that name.
bool names_a_file(const std::string& output) {
  std::error_code ignored;
  return std::filesystem::path(output).has_extension() &&
         !std::filesystem::is_directory(output, ignored);
}

void check_output(ApplyOptions& options, const IsGiven& is_given) {
  if (!names_a_file(options.output)) {
    check_format(options.format, options.picture.write, is_given);
    options.picture.output_path = "PICTURE-NETWORK." + options.format;
    return;
  }
  if (is_given("--format")) {
    throw UsageError("--format is for --output FOLDER; the ending of " + options.output +
                     " says it already: leave --format out");
  }
  std::error_code ignored;
  if (options.pictures.size() > 1 ||
      std::filesystem::is_directory(options.pictures.front(), ignored)) {
    throw UsageError("--output " + options.output +
                     " is one file for several pictures; name a folder");
  }
  options.picture.output_path = options.output;
}

void check_refinement(ApplyOptions& options, const IsGiven& is_given) {
  StylizeOptions& picture = options.picture;
  const Colors colors = picture.job.colors;
  if (options.refine_iterations > 0) {
    if (picture.style_paths.empty()) {
      throw UsageError("--refine needs the painting whose manner it paints in; add --style FILE");
    }
    if (only_recolors(colors)) {
      throw UsageError("--colors " + name_of(colors, kColorChoices) +
                       " paints nothing; leave it out or choose another");
    }
    PassOverrides pass;
    pass.iterations = options.refine_iterations;
    picture.job.schedule.pass_list = {pass};
    return;
  }
  for (const char* flag :
       {"--style", "--strength", "--content-weight", "--style-weight", "--tv-weight", "--model"}) {
    if (!is_given(flag)) continue;
    throw UsageError(std::string(flag) + " is for --refine; add that or leave " + flag + " out");
  }
  if (colors == Colors::kContentStatistics || only_recolors(colors)) {
    throw UsageError("--colors " + name_of(colors, kColorChoices) +
                     " needs a painting; choose style, content or neutral");
  }
  // The result is the start, that is the network's picture.
  picture.job.schedule.iterations = 0;
  picture.runtime.precision =
      picture.painting.in_bfloat16 ? Precision::kBfloat16 : Precision::kFloat32;
}

}  // namespace

void add_apply_flags(FlagTable& table, ApplyOptions& options) {
  StylizeOptions& picture = options.picture;
  table.arguments("PICTURE", "pictures to paint, and folders of them", options.pictures);
  add_network_flags(table, options);
  add_result_flags(table, options);
  add_color_flags(table, picture.job);
  add_refinement_flags(table, options);
  add_device_flags(table, picture);
  table.value("--precision", "float32|bfloat16", "type in which the network of --network computes",
              name_of(Precision::kFloat32, kPrecisions), [&](Text flag, Text text) {
                picture.painting.in_bfloat16 = parse_choice(flag, text, kPaintingPrecisions);
              });
  add_memory_flag(table, picture.job.memory_limit_bytes);
  add_report_flag(table, "a record: .json for programs, .html a page to look at; again for both",
                  picture.records);
}

void check_combinations(ApplyOptions& options, const LogFlags& log, const IsGiven& is_given) {
  const char* example = "; for example: styletransfer apply --network painting.pt photo.jpg";
  StylizeOptions& picture = options.picture;
  if (!picture.painting.is_wanted()) {
    throw UsageError(std::string("--network is missing") + example);
  }
  if (options.pictures.empty()) {
    throw UsageError(std::string("apply needs pictures to paint") + example);
  }
  check_messages(log);
  check_dry_run(options.dry_run, picture.records);
  picture.painting.flag = "--network";
  picture.job.init.kind = InitKind::kImage;
  check_output(options, is_given);
  check_refinement(options, is_given);
  check_combinations(picture, is_given);
  picture.content_flag = "input";
}

}  // namespace styletransfer::cli
