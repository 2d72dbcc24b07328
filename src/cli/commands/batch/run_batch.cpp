#include "cli/commands/batch/run_batch.h"

#include <set>
#include <string>

#include "cli/commands/batch/batch_runner.h"
#include "cli/report/batch_report.h"
#include "cli/terminal/exit_codes.h"
#include "cli/terminal/log.h"

namespace styletransfer::cli {

int list_pairs(const StylizeOptions& shared, std::span<const Pair> pairs, ItemStylizer& maker) {
  std::set<std::string> problems;
  for (const Pair& pair : pairs) {
    for (const SourceImage* source : {pair.content, pair.style}) {
      const std::string& problem = source->problem;
      if (!problem.empty() && problems.insert(problem).second) log_warning(problem);
    }
  }
  print_outputs(pairs, inspect_outputs(pairs, shared.write, maker));
  return kExitDone;
}

int run_batch(const StylizeOptions& shared, std::span<const Pair> pairs, ItemStylizer& maker,
              int images_at_once) {
  const std::vector<OutputState> states = inspect_outputs(pairs, shared.write, maker);
  refuse_differing_outputs(pairs, states);
  check_batch_reports(shared);
  BatchRunner feed_forward(shared.write, pairs, states, maker, images_at_once);
  const int exit_code = feed_forward.run();
  write_batch_reports(shared, pairs, feed_forward.results(), feed_forward.seconds());
  return exit_code;
}

}  // namespace styletransfer::cli
