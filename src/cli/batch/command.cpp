// `batch`: every content in every style's manner, in one process.
#include "cli/batch/at_once.h"
#include "cli/batch/paint_pairs.h"
#include "cli/batch/picture_limits.h"
#include "cli/batch/stylized_pairs.h"
#include "cli/commands.h"

namespace styletransfer::cli {

int run_command(const BatchOptions& asked) {
  BatchOptions command = asked;
  set_up_log(command.picture.verbosity);
  for (const auto* const names : {&command.contents, &command.styles}) {
    refuse_output_among_sources(command.output_folder, *names);
  }
  std::vector<SourcePicture> contents = find_sound_pictures("--contents", command.contents);
  check_picture_limits(command.picture, "--contents", contents);
  const std::vector<SourcePicture> styles = find_sound_pictures("--styles", command.styles);
  const std::vector<Pair> all = make_pairs(contents, styles, command.output_folder, command.format);
  const std::span<const Pair> pairs = part_of(all, command.shard);
  const ProcessorShares shares = processor_shares(command, pairs);
  command.picture.runtime.threads = shares.threads_each;
  command.picture.job.jobs_at_once = shares.pictures_at_once;
  Workshop workshop(command.picture);
  StylizedPairs maker(command.picture, workshop);
  return command.dry_run ? list_pairs(command.picture, pairs, maker)
                         : paint_pairs(command.picture, pairs, maker, shares.pictures_at_once);
}

}  // namespace styletransfer::cli
