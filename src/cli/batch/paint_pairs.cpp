#include "cli/batch/paint_pairs.h"

#include "cli/batch/painter.h"
#include "cli/batch/record.h"
#include "cli/exit_codes.h"

namespace styletransfer::cli {

int list_pairs(const StylizeOptions& shared, std::span<const Pair> pairs, PairMaker& maker) {
  print_outputs(pairs, look_at_outputs(pairs, shared.write, maker));
  return kExitDone;
}

int paint_pairs(const StylizeOptions& shared, std::span<const Pair> pairs, PairMaker& maker,
                int pictures_at_once) {
  const std::vector<OutputState> states = look_at_outputs(pairs, shared.write, maker);
  refuse_differing_outputs(pairs, states);
  check_batch_reports(shared);
  BatchPainter painter(shared.write, pairs, states, maker, pictures_at_once);
  const int exit_code = painter.run();
  write_batch_reports(shared, pairs, painter.outcomes(), painter.seconds());
  return exit_code;
}

}  // namespace styletransfer::cli
