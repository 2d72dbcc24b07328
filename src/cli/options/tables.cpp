#include "cli/options/tables.h"

#include "cli/options/choices.h"
#include "cli/options/conflicts.h"
#include "cli/options/rows.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;

/// Whether --colors makes the result without optimization.
bool recolors(const TextsOf& texts_of) {
  const Texts colors = texts_of("--colors");
  return !colors.empty() &&
         only_transfers_colors(parse_choice("--colors", colors.front(), kColorChoices));
}

/// --colors, and what has no effect beside it.
void add_color_rows(OptionTable& table, Job& job) {
  add_color_row(table, job)
      .conflicts_with(
          {{"--iterations", "--pass"},
           [](const Texts& own, const TextsOf& texts_of) -> std::string {
             if (recolors(texts_of) || has_steps(texts_of)) return "";
             return "--colors " + own.front() +
                    " has no effect with --iterations 0, which only resizes; leave one of them out";
           }});
}

/// Rows of images that are optimized, whichever command makes them.
void add_optimization_rows(OptionTable& table, StylizeOptions& options) {
  add_schedule_rows(table, options);
  add_start_rows(table, options);
  add_weight_rows(table, options.job, "schedule.");
  add_color_rows(table, options.job);
  add_loss_rows(table, options.job);
  add_optimizer_rows(table, options.job.optimizer);
  add_device_rows(table, options);
  add_precision_row(table, options.runtime);
  add_memory_row(table, options.job.memory_limit_bytes);
}

/// A style is needed where something is optimized or recolored.
void require_style_if_used(OptionTable& table) {
  require(table, "--style", kExample);
  OptionRow& style = table.at("--style");
  style.missing = [always = style.missing](const TextsOf& texts_of) -> std::string {
    const Texts init = texts_of("--init");
    const bool starts_without_content =
        !init.empty() && init.front() != "content" && !init.front().starts_with("network:");
    return recolors(texts_of) || has_steps(texts_of) || starts_without_content ? always(texts_of)
                                                                               : "";
  };
}

/// Parses "3/16".
Shard parse_shard(Text where, Text text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) {
    refuse_value(where, text, "give the shard and the number of shards, such as 3/16");
  }
  Shard shard;
  shard.count = parse_number(where, text.substr(slash + 1), Shard::kCount);
  shard.index = parse_number(where, text.substr(0, slash), Bounds<int>{1, shard.count});
  return shard;
}

/// Refuses every option of the optimization where --colors only recolors.
void add_recolor_conflicts(OptionTable& table) {
  for (const OptionRow& row : table.rows()) {
    if (!row.needs_iterations) continue;
    const auto problem = [flag = row.flag](const Texts& /*own*/, const TextsOf& texts_of) {
      return recolors(texts_of)
                 ? flag + " has no effect: --colors " + texts_of("--colors").front() +
                       " only recolors the content image; leave one of them out"
                 : "";
    };
    table.at(row.flag).conflicts_with({{"--colors"}, problem});
  }
}

}  // namespace

OptionTable stylize_table(StylizeOptions& options) {
  OptionTable table;
  add_image_rows(table, options);
  require(table, "--content", kExample);
  require_style_if_used(table);
  add_mask_rows(table, options);
  table.group("Output");
  table.text("-o,--output", "FILE", "output file; its extension sets the format",
             "CONTENT-STYLE.png in the current folder", options.output_path);
  add_file_rows(table, options);
  const auto unused_quality = [](const Texts& /*own*/, const TextsOf& texts_of) {
    const Texts output = texts_of("--output");
    const Texts content = texts_of("--content");
    if (!output.empty() || content.empty()) {
      return output.empty() ? "" : quality_problem(output.front());
    }
    return quality_problem(default_output_path(content.front(), texts_of("--style")));
  };
  table.at("--quality").conflicts_with({{"--output"}, unused_quality, /*others_yield=*/false});
  add_optimization_rows(table, options);
  add_checkpoint_rows(table, options);
  add_report_row(table, "write a report of the run, .json or .html; repeat for both",
                 options.reports);
  add_watch_row(table, options.reports);
  add_configuration_rows(table, options, WithPresets::kYes);
  add_message_rows(table, options);
  add_recolor_conflicts(table);
  return table;
}

OptionTable batch_table(BatchOptions& options) {
  StylizeOptions& image = options.image;
  OptionTable table;
  table.group("Images");
  add_images_row(table, "-c,--contents", "content images, and folders of images", options.contents);
  add_images_row(table, "-s,--styles", "style images, one per result, and folders of images",
                 options.styles);
  table.group("Output");
  table.text("-o,--output", "FOLDER", "output folder; results are named CONTENT-STYLE.FORMAT", "",
             options.output_folder);
  for (const char* flag : {"--contents", "--styles", "--output"}) {
    require(table, flag, "batch --contents photos --styles paintings --output results");
  }
  add_format_row(table, options.format);
  add_file_rows(table, image);
  table.at("--quality")
      .conflicts_with({{"--format"}, format_quality_problem, /*others_yield=*/false});
  table.at("--bit-depth")
      .conflicts_with({{"--format"}, format_depth_problem, /*others_yield=*/false});
  table.group("Batch");
  table.value("--shard", "K/N", "process only the K-th of N shards of the batch", "1/1",
              [&](Text where, Text text) { options.shard = parse_shard(where, text); });
  table
      .number("--at-once", "N", "images processed in parallel, each with its share of the threads",
              options.at_once, BatchOptions::kAtOnce, "by image size")
      .speed()
      .for_iterations();
  add_dry_run_row(table, "list state, content, style and result on stdout and exit",
                  options.dry_run);
  add_optimization_rows(table, image);
  add_report_row(table, "write a report of the batch, .json or .html; repeat for both",
                 image.reports);
  add_configuration_rows(table, options, WithPresets::kYes);
  add_message_rows(table, options);
  add_recolor_conflicts(table);
  return table;
}

OptionTable loss_table(LossCommandOptions& options) {
  OptionTable table;
  table.arguments("IMAGE", "images to evaluate", options.image_paths);
  add_image_rows(table, options);
  require(table, "--content", kExample);
  require(table, "--style", kExample);
  add_mask_rows(table, options);
  add_weight_rows(table, options.job, "schedule.");
  add_loss_rows(table, options.job);
  add_device_rows(table, options);
  add_message_rows(table, options);
  return table;
}

OptionTable image_info_table(ImageInfoOptions& options) {
  OptionTable table;
  table.argument("IMAGE", "image file", options.image_path);
  table.group("Output");
  table.toggle("--command", "print the command that makes the image again", options.wants_command);
  return table;
}

OptionTable model_info_table(ModelInfoOptions& options) {
  OptionTable table;
  table.argument("FILE.pt", "network file [as --model]", options.model_path);
  table.group("Network");
  add_trust_row(table, options.trusts_network);
  return table;
}

OptionTable model_import_table(ModelImportOptions& options) {
  OptionTable table;
  table.argument("WEIGHTS", "VGG weights in safetensors format", options.weights_path);
  table.group("Output");
  table.text("-o,--output", "FILE", "network file to write", options.output_path,
             options.output_path);
  table.toggle("--overwrite", "replace an existing file", options.overwrite);
  table.group("Input");
  table.choice("--input", "input convention, for weights that do not state it", options.input,
               kInputConventions);
  return table;
}

OptionTable result_table(StylizeOptions& options) {
  OptionTable table = stylize_table(options);
  add_convention_rows(table, options.feed_forward);
  add_network_precision_row(table, options.feed_forward);
  return table;
}

}  // namespace styletransfer::cli
