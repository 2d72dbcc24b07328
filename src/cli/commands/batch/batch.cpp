// `batch`: every content image in every style, in one process.
#include "cli/commands/batch/item_limits.h"
#include "cli/commands/batch/parallel_items.h"
#include "cli/commands/batch/run_batch.h"
#include "cli/commands/batch/stylized_items.h"
#include "cli/commands/commands.h"

namespace styletransfer::cli {

int run_command(const BatchOptions& asked) {
  BatchOptions command = asked;
  set_up_log(verbosity_of(command));
  if (!command.image.preset_line.empty()) log_info(command.image.preset_line);
  for (const auto* const names : {&command.contents, &command.styles}) {
    refuse_output_among_sources(command.output_folder, *names);
  }
  std::vector<SourceImage> contents = find_readable_images("--contents", command.contents);
  check_image_limits(command.image, "--contents", contents);
  const std::vector<SourceImage> styles = find_readable_images("--styles", command.styles);
  const std::vector<Pair> all =
      make_batch_pairs(contents, styles, command.output_folder, command.format);
  const std::span<const Pair> pairs = part_of(all, command.shard);
  const ProcessorShares shares = processor_shares(command, pairs);
  command.image.runtime.threads = shares.threads_each;
  command.image.job.jobs_at_once = shares.images_at_once;
  SharedResources resources(command.image);
  StylizedItems maker(command.image, resources, StylizedItems::Second::kStyle);
  return command.dry_run ? list_pairs(command.image, pairs, maker)
                         : run_batch(command.image, pairs, maker, shares.images_at_once);
}

}  // namespace styletransfer::cli
