#include "cli/painted_by_network.h"

#include <chrono>
#include <utility>

#include "cli/formatted.h"
#include "cli/interrupt.h"

namespace styletransfer::cli {
namespace {

using Clock = std::chrono::steady_clock;

void warn_of_convention(double share_out_of_range, Observer& observer) {
  constexpr double kSuspicious = 0.5;
  if (share_out_of_range < kSuspicious) return;
  observer.on_warning(formatted(
      "%.0f %% of what the network gives is out of its range or no number: its convention may be "
      "another one (--convention, --input-range, --output-range)",
      100.0 * share_out_of_range));
}

}  // namespace

Image painted_by_network(const PaintingNetwork& network, const Image& picture,
                         std::int64_t limit_bytes, Observer& observer) {
  const auto start = Clock::now();
  PassStarted pass;
  pass.width_px = picture.size.width_px;
  pass.height_px = picture.size.height_px;
  const auto tick = [&](int done, int count) {
    if (done < count) end_if_interrupted();
    if (pass.iterations == 0) {
      pass.iterations = count;
      observer.on_pass_started(pass);
    }
    StepFinished step;
    step.iteration = done;
    step.fraction_done = static_cast<double>(done) / count;
    step.seconds_since_start = std::chrono::duration<double>(Clock::now() - start).count();
    static_cast<void>(observer.on_step_finished(step));
  };
  try {
    PaintedPicture painted = network.paint(picture, limit_bytes, tick);
    warn_of_convention(painted.share_out_of_range, observer);
    return std::move(painted.image);
  } catch (const Interrupted&) {
    return {};
  }
}

}  // namespace styletransfer::cli
