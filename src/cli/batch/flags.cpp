#include "cli/batch/flags.h"

#include "cli/choices.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;

constexpr int kMostShards = 100000;
constexpr int kMostAtOnce = 64;

/// "3/16".
Shard parse_shard(Text flag, Text text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) {
    refuse_value(flag, text, "give the part and the number of parts, such as 3/16");
  }
  Shard shard;
  shard.count = parse_int(flag, text.substr(slash + 1), 1, kMostShards, "parts");
  shard.index = parse_int(flag, text.substr(0, slash), 1, shard.count);
  return shard;
}

void require(bool is_there, const std::string& flag) {
  if (is_there) return;
  throw UsageError(flag +
                   " is missing; for example: styletransfer batch --contents photos --styles "
                   "paintings --output painted");
}

}  // namespace

void add_source_flags(FlagTable& table, BatchOptions& options) {
  table.group("Pictures");
  table.listed("-c,--contents", "FILE|FOLDER...", "pictures to paint, and folders of them",
               [&](Text, Text text) { options.contents.push_back(text); });
  table.listed("-s,--styles", "FILE|FOLDER...",
               "pictures in whose manner to paint, one at a time, and folders of them",
               [&](Text, Text text) { options.styles.push_back(text); });
}

void add_folder_flags(FlagTable& table, BatchOptions& options) {
  table.group("Output");
  table.value("-o,--output", "FOLDER", "where to write; results are called CONTENT-STYLE.FORMAT",
              "", [&](Text, Text text) { options.output_folder = text; });
  add_format_flag(table, options.format);
}

void add_format_flag(FlagTable& table, std::string& format) {
  table.value("--format", "png|jpg|tif|webp", "format of the results", format,
              [&](Text flag, Text text) { format = parse_choice(flag, text, kFormats); });
}

void add_list_flags(FlagTable& table, BatchOptions& options) {
  table.group("List");
  table.value("--shard", "K/N", "paint only the K-th of N parts of the list", "1/1",
              [&](Text flag, Text text) { options.shard = parse_shard(flag, text); });
  table.value("--at-once", "N",
              "pictures painted at the same time, each with its part of the threads",
              "by their size", [&](Text flag, Text text) {
                options.at_once = parse_int(flag, text, 1, kMostAtOnce, "pictures");
              });
  table.toggle("--dry-run", "only list state, content, style and result, on stdout",
               options.dry_run);
}

void check_combinations(BatchOptions& options, const LogFlags& log, const IsGiven& is_given) {
  require(!options.contents.empty(), "--contents");
  require(!options.styles.empty(), "--styles");
  require(!options.output_folder.empty(), "--output");
  check_messages(log);
  check_dry_run(options.dry_run, options.picture.records);
  check_format(options.format, options.picture.write, is_given);
  options.picture.output_path = "CONTENT-STYLE." + options.format;
  check_combinations(options.picture, is_given);
  options.picture.content_flag = "--contents";
  options.picture.style_flag = "--styles";
}

void check_dry_run(bool dry_run, const RecordOptions& records) {
  if (!dry_run || records.report_paths.empty()) return;
  throw UsageError("--report has no effect with --dry-run, which paints nothing; leave one out");
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
