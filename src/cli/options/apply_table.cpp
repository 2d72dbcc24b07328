#include <filesystem>

#include "cli/options/choices.h"
#include "cli/options/rows.h"
#include "cli/options/tables.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;
using Problem = std::string;

/// "a.png" names a file, unless a folder of that name exists.
bool names_a_file(Text output) {
  std::error_code ignored;
  return std::filesystem::path(output).has_extension() &&
         !std::filesystem::is_directory(output, ignored);
}

/// The file that --output names; empty for a folder.
std::string output_file(const TextsOf& texts_of) {
  const Texts output = texts_of("--output");
  return !output.empty() && names_a_file(output.front()) ? output.front() : "";
}

Problem format_problem(const Texts& /*own*/, const TextsOf& texts_of) {
  const std::string file = output_file(texts_of);
  if (file.empty()) return "";
  return "--format is for --output FOLDER; the extension of " + file +
         " already sets it: leave --format out";
}

Problem unused_quality(const Texts& own, const TextsOf& texts_of) {
  const std::string file = output_file(texts_of);
  return file.empty() ? format_quality_problem(own, texts_of) : quality_problem(file);
}

Problem unused_depth(const Texts& own, const TextsOf& texts_of) {
  return output_file(texts_of).empty() ? format_depth_problem(own, texts_of) : "";
}

Problem color_problem(const Texts& own, const TextsOf& texts_of) {
  const Colors colors = parse_choice("--colors", own.front(), kColorChoices);
  const bool recolors = only_transfers_colors(colors);
  if (!texts_of("--refine").empty()) {
    return recolors ? "--colors " + own.front() +
                          " only recolors and needs no network; leave it out or choose another "
                          "value"
                    : "";
  }
  if (!recolors && colors != Colors::kContentStatistics) return "";
  return "--colors " + own.front() + " needs a style image; choose style, content or neutral";
}

void add_output_rows(OptionTable& table, ApplyOptions& options) {
  table.group("Output");
  table.value("-o,--output", "FILE|FOLDER",
              "output file for one image, or a folder for files named IMAGE-NETWORK.FORMAT",
              "the current folder", [&](Text, Text text) { options.output = text; });
  add_format_row(table, options.format)
      .conflicts_with({{"--output"}, format_problem, /*others_yield=*/false});
  add_file_rows(table, options.image);
  table.at("--quality")
      .conflicts_with({{"--output", "--format"}, unused_quality, /*others_yield=*/false});
  table.at("--bit-depth")
      .conflicts_with({{"--output", "--format"}, unused_depth, /*others_yield=*/false});
  add_dry_run_row(table, "list state, image, network and result on stdout and exit",
                  options.dry_run);
}

void add_refinement_rows(OptionTable& table, ApplyOptions& options) {
  table.group("Refinement");
  table
      .number("--refine", "N", "refine with N optimizer iterations in the style of --style",
              options.refine_iterations, ApplyOptions::kRefineIterations)
      .result("schedule.pass")
      .gets([&] {
        const int iterations = options.refine_iterations;
        return iterations > 0 ? Json::array({"iterations=" + std::to_string(iterations)})
                              : Json::array();
      });
  add_style_row(table, "--refine: style image (repeatable; styles are blended)", options.image);
  add_weight_rows(table, options.image.job, "schedule.");
}

}  // namespace

OptionTable apply_table(ApplyOptions& options) {
  StylizeOptions& image = options.image;
  OptionTable table;
  table.arguments("IMAGE", "images to stylize, and folders of images", options.images);
  table.group("Network");
  table
      .text("-n,--network", "FILE.pt", "TorchScript feed-forward network", "",
            image.feed_forward.network_path)
      .result("init")
      .gets([&] { return Json("network:" + image.feed_forward.network_path); });
  add_convention_rows(table, image.feed_forward);
  add_output_rows(table, options);
  table.group("Size");
  add_size_row(table, "long side of the result in pixels, or that of the image file", image)
      .bounds = number_bounds(Pass::kResizedSize);
  add_color_row(table, image.job).conflicts_with({{"--refine"}, color_problem});
  add_refinement_rows(table, options);
  add_device_rows(table, image);
  add_network_precision_row(table, image.feed_forward);
  add_memory_row(table, image.job.memory_limit_bytes);
  add_report_row(table, "write a report, .json or .html; repeat for both", image.reports);
  add_configuration_rows(table, options, WithPresets::kNo);
  add_message_rows(table, options);
  for (const char* flag :
       {"--style", "--strength", "--content-weight", "--style-weight", "--tv-weight", "--model"}) {
    table.at(flag).needs(
        "--refine", {}, "",
        std::string(flag) + " is for --refine; add that or leave " + flag + " out");
  }
  return table;
}

void complete(ApplyOptions& options, const IsGiven& is_given) {
  const std::string example = "; for example: styletransfer apply --network painting.pt photo.jpg";
  StylizeOptions& image = options.image;
  if (!image.feed_forward.is_wanted()) throw UsageError("--network is missing" + example);
  if (options.images.empty()) throw UsageError("apply needs images to stylize" + example);
  const bool is_file = names_a_file(options.output);
  std::error_code ignored;
  if (is_file && (options.images.size() > 1 ||
                  std::filesystem::is_directory(options.images.front(), ignored))) {
    throw UsageError("--output " + options.output +
                     " is one file for several images; give a folder");
  }
  image.output_path = is_file ? options.output : "IMAGE-NETWORK." + options.format;
  image.content_flag = "input";
  image.feed_forward.flag = "--network";
  image.job.init.kind = InitKind::kImage;
  if (options.refine_iterations > 0) {
    if (image.style_paths.empty()) {
      throw UsageError("--refine needs a style image; add --style FILE");
    }
    PassOverrides pass;
    pass.iterations = options.refine_iterations;
    image.job.schedule.pass_list = {pass};
  } else {
    // Zero iterations: the result is the start image, which is the network's output.
    image.job.schedule.iterations = 0;
    image.runtime.precision =
        image.feed_forward.in_bfloat16 ? Precision::kBfloat16 : Precision::kFloat32;
  }
  complete_image(image, options, is_given);
}

}  // namespace styletransfer::cli
