#include "cli/options/choices.h"
#include "cli/options/conflicts.h"
#include "cli/options/rows.h"

namespace styletransfer::cli {
namespace {

/// "result.jpg": the name of a file of --format.
std::string file_of_format(const TextsOf& texts_of) {
  const Texts format = texts_of("--format");
  return "result." + (format.empty() ? BatchOptions().format : format.front());
}

}  // namespace

void add_file_rows(OptionTable& table, StylizeOptions& options) {
  WriteOptions& write = options.write;
  table.toggle("--overwrite", "replace an existing output file", write.overwrite);
  table.choice("--bit-depth", "bits per channel; 16 for PNG and TIFF", write.bit_depth, kBitDepths)
      .result()
      .gets([&write] { return Json(write.bit_depth); });
  table
      .number("--quality", "1..100", "JPEG and WebP quality", write.quality, WriteOptions::kQuality)
      .result();
  table
      .choice("--alpha", "transparency of the content image: keep, or composite on white",
              options.alpha, kAlphas)
      .result();
  table
      .toggle("--reproducible",
              "byte-identical output for the same command: store no times and no machine details",
              options.reproducible)
      .excludes("--time-limit",
                "--reproducible and --time-limit exclude each other: the number of iterations "
                "within the limit differs from run to run; leave one of them out");
}

OptionRow& add_format_row(OptionTable& table, std::string& format) {
  return table.choice("--format", "format of the results", format, kFormats);
}

OptionRow& add_dry_run_row(OptionTable& table, const std::string& help, bool& dry_run) {
  return table.toggle("--dry-run", help, dry_run)
      .excludes("--report",
                "--report has no effect with --dry-run, which makes no image; leave one out");
}

std::string format_quality_problem(const Texts& /*own*/, const TextsOf& texts_of) {
  if (output_has_quality(file_of_format(texts_of))) return "";
  return "--quality is for JPEG and WebP; leave it out or add --format jpg or webp";
}

std::string format_depth_problem(const Texts& own, const TextsOf& texts_of) {
  if (own != Texts{"16"} || output_has_16_bits(file_of_format(texts_of))) return "";
  return "--bit-depth 16 is for PNG and TIFF; leave it out or add --format png or tif";
}

std::string quality_problem(const std::string& output_path) {
  if (output_has_quality(output_path)) return "";
  return "--quality is for JPEG and WebP, and the output is '" + output_path +
         "'; leave it out or choose a .jpg or .webp file with --output";
}

}  // namespace styletransfer::cli
