// `train cyclegan`: trains two generators that translate between two image domains.
#include <nlohmann/json.hpp>

#include "cli/checkpoint/checkpoint_fingerprint.h"
#include "cli/checkpoint/fallback_output.h"
#include "cli/checkpoint/training_settings.h"
#include "cli/commands/commands.h"
#include "cli/commands/train/training_run.h"
#include "cli/inputs/time_limit.h"
#include "cli/inputs/training_photos.h"
#include "cli/terminal/device_lines.h"
#include "cli/terminal/formatted.h"
#include "cli/terminal/progress/progress_reporter.h"
#include "cli/terminal/resource_lines.h"
#include "styletransfer/cyclegan_training.h"

namespace styletransfer::cli {
int run_command(const TrainCycleganOptions& command) {
  set_up_log(verbosity_of(command));
  const std::string& name = command.control.output_path;
  const std::string a_to_b = name + "_a_to_b.pt";
  const std::string b_to_a = name + "_b_to_a.pt";
  TrainingRun run(command.control, command.training.limits, {a_to_b, b_to_a});
  CycleganJob job{training_photos("--a", command.a), training_photos("--b", command.b),
                  command.training};
  const Runtime runtime = resolve_runtime(command.runtime);
  report_device(runtime);
  report_resources(runtime, command.training.limits.memory_limit_bytes);
  auto settings =
      nlohmann::ordered_json::parse(training_settings(command, job.a_paths, job.b_paths));
  std::optional<Checkpoint> from = run.start(fingerprint_text(settings.dump(), runtime));
  double& limit_seconds = job.options.limits.time_limit_seconds;
  limit_seconds = time_left(limit_seconds);
  const CycleganResult result = train_cyclegan(job, runtime, run.observer(), std::move(from));
  settings["iterations"] = result.iterations;
  settings["seconds"] = result.seconds;
  const CycleganShape& shape = command.training.shape;
  Message elsewhere;
  const auto save = [&](const auto& weights, const char* direction, const std::string& output) {
    try {
      write_or_use_fallback(output, [&](const std::string& path) {
        save_cyclegan_generator(shape, weights, direction, settings.dump(), path);
      });
    } catch (const WrittenToFallback& error) {
      elsewhere += (elsewhere.empty() ? "" : "; ") + error.message();
    }
  };
  save(result.a_to_b, "a to b", a_to_b);
  save(result.b_to_a, "b to a", b_to_a);
  if (!elsewhere.empty()) throw WrittenToFallback(elsewhere);
  log_info("wrote " + a_to_b + " and " + b_to_a + ", " + counted(result.iterations, "iteration") +
           ", " + clock_text(result.seconds));
  return run.end(result.stop_reason);
}

}  // namespace styletransfer::cli
