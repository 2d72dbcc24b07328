#include "cli/options/batch_flags.h"

#include "cli/options/choices.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;

constexpr int kMaxShards = 100000;
constexpr int kMaxAtOnce = 64;

/// Parses "3/16".
Shard parse_shard(Text flag, Text text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) {
    refuse_value(flag, text, "give the shard and the number of shards, such as 3/16");
  }
  Shard shard;
  shard.count = parse_int(flag, text.substr(slash + 1), 1, kMaxShards, "shards");
  shard.index = parse_int(flag, text.substr(0, slash), 1, shard.count);
  return shard;
}

void require(bool is_there, const std::string& flag) {
  if (is_there) return;
  throw UsageError(flag +
                   " is missing; for example: styletransfer batch --contents photos --styles "
                   "paintings --output results");
}

}  // namespace

void add_source_flags(FlagTable& table, BatchOptions& options) {
  table.group("Images");
  table.listed("-c,--contents", "IMAGE|FOLDER...", "content images, and folders of images",
               [&](Text, Text text) { options.contents.push_back(text); });
  table.listed("-s,--styles", "IMAGE|FOLDER...",
               "style images, one per result, and folders of images",
               [&](Text, Text text) { options.styles.push_back(text); });
}

void add_folder_flags(FlagTable& table, BatchOptions& options) {
  table.group("Output");
  table.value("-o,--output", "FOLDER", "output folder; results are named CONTENT-STYLE.FORMAT", "",
              [&](Text, Text text) { options.output_folder = text; });
  add_format_flag(table, options.format);
}

void add_format_flag(FlagTable& table, std::string& format) {
  table.value("--format", "png|jpg|tif|webp", "format of the results", format,
              [&](Text flag, Text text) { format = parse_choice(flag, text, kFormats); });
}

void add_list_flags(FlagTable& table, BatchOptions& options) {
  table.group("Batch");
  table.value("--shard", "K/N", "process only the K-th of N shards of the batch", "1/1",
              [&](Text flag, Text text) { options.shard = parse_shard(flag, text); });
  table.value("--at-once", "N", "images processed in parallel, each with its share of the threads",
              "by image size", [&](Text flag, Text text) {
                options.at_once = parse_int(flag, text, 1, kMaxAtOnce, "images");
              });
  table.toggle("--dry-run", "list state, content, style and result on stdout and exit",
               options.dry_run);
}

void check_combinations(BatchOptions& options, const LogFlags& log, const IsGiven& is_given) {
  require(!options.contents.empty(), "--contents");
  require(!options.styles.empty(), "--styles");
  require(!options.output_folder.empty(), "--output");
  check_messages(log);
  check_dry_run(options.dry_run, options.image.reports);
  check_format(options.format, options.image.write, is_given);
  options.image.output_path = "CONTENT-STYLE." + options.format;
  check_combinations(options.image, is_given);
  options.image.content_flag = "--contents";
  options.image.style_flag = "--styles";
}

void check_dry_run(bool dry_run, const ReportOptions& reports) {
  if (!dry_run || reports.report_paths.empty()) return;
  throw UsageError("--report has no effect with --dry-run, which makes no image; leave one out");
}

void check_format(Text format, const WriteOptions& write, const IsGiven& is_given) {
  if (is_given("--quality") && format != "jpg" && format != "webp") {
    throw UsageError("--quality is for JPEG and WebP; leave it out or add --format jpg or webp");
  }
  if (write.bit_depth == 16 && format != "png" && format != "tif") {
    throw UsageError("--bit-depth 16 is for PNG and TIFF; leave it out or add --format png or tif");
  }
}

}  // namespace styletransfer::cli
