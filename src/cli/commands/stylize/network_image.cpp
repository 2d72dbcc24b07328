#include "cli/commands/stylize/network_image.h"

#include <chrono>
#include <utility>

#include "cli/terminal/formatted.h"
#include "cli/terminal/interrupt.h"

namespace styletransfer::cli {
namespace {

using Clock = std::chrono::steady_clock;

void warn_of_convention(double share_out_of_range, Observer& observer) {
  constexpr double kSuspicious = 0.5;
  if (share_out_of_range < kSuspicious) return;
  observer.on_warning(
      formatted("%.0f %% of the network's output is out of range or NaN: it may use another "
                "convention (--convention, --input-range, --output-range)",
                100.0 * share_out_of_range));
}

}  // namespace

std::optional<Image> stylized_by_network(const FeedForwardNetwork& network, const Image& image,
                                         std::int64_t limit_bytes, Observer& observer) {
  const auto start = Clock::now();
  PassStarted pass;
  pass.width_px = image.size.width_px;
  pass.height_px = image.size.height_px;
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
    NetworkOutput painted = network.paint(image, limit_bytes, tick);
    warn_of_convention(painted.share_out_of_range, observer);
    return std::move(painted.image);
  } catch (const Interrupted&) {
    return std::nullopt;
  }
}

}  // namespace styletransfer::cli
