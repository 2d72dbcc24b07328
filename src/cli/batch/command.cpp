// `batch`: every content in every style's manner, in one process.
#include <algorithm>
#include <cstdio>

#include "cli/batch/at_once.h"
#include "cli/batch/painter.h"
#include "cli/batch/record.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

bool has_sound_one(const std::vector<SourcePicture>& pictures) {
  return std::any_of(pictures.begin(), pictures.end(),
                     [](const SourcePicture& picture) { return picture.trouble.empty(); });
}

std::vector<SourcePicture> sources(const std::string& flag, const std::vector<std::string>& names) {
  std::vector<SourcePicture> pictures = find_pictures(flag, names);
  if (has_sound_one(pictures)) return pictures;
  for (const SourcePicture& picture : pictures) log_error(picture.trouble);
  throw UsageError(flag + ": no picture among what is named; name pictures or folders of them");
}

/// A folder that is both would be read with its own results the next time.
void refuse_output_among_sources(const BatchOptions& command) {
  const std::string output = resolved_path(command.output_folder);
  for (const auto* const names : {&command.contents, &command.styles}) {
    for (const std::string& name : *names) {
      if (resolved_path(name) != output) continue;
      throw UsageError("--output: " + name +
                       " is a folder of pictures to read; name another folder for the results");
    }
  }
}

void print_list(std::span<const Pair> pairs, const std::vector<OutputState>& states) {
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const std::string line = std::string(state_word(states[i])) + "\t" + pairs[i].content->path +
                             "\t" + pairs[i].style->path + "\t" + pairs[i].output_path + "\n";
    std::fputs(line.c_str(), stdout);
  }
}

}  // namespace

int run_command(const BatchOptions& asked) {
  BatchOptions command = asked;
  set_up_log(command.picture.verbosity);
  refuse_output_among_sources(command);
  const std::vector<SourcePicture> contents = sources("--contents", command.contents);
  const std::vector<SourcePicture> styles = sources("--styles", command.styles);
  const std::vector<Pair> all = make_pairs(contents, styles, command.output_folder, command.format);
  const std::span<const Pair> pairs = part_of(all, command.shard);
  const ProcessorShares shares = processor_shares(command, pairs);
  command.picture.runtime.threads = shares.threads_each;
  command.picture.job.jobs_at_once = shares.pictures_at_once;
  Workshop workshop(command.picture);
  const std::vector<OutputState> states = look_at_outputs(pairs, command.picture, workshop);
  if (command.dry_run) {
    print_list(pairs, states);
    return kExitDone;
  }
  refuse_differing_outputs(pairs, states);
  check_batch_reports(command);
  BatchPainter painter(command, pairs, states, workshop);
  const int exit_code = painter.run();
  write_batch_reports(command, pairs, painter.outcomes(), painter.seconds());
  return exit_code;
}

}  // namespace styletransfer::cli
