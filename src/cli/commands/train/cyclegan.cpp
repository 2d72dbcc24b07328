// `train cyclegan`: trains two generators that translate between two image domains.
#include <nlohmann/json.hpp>

#include "cli/checkpoint/checkpoint_fingerprint.h"
#include "cli/checkpoint/fallback_output.h"
#include "cli/checkpoint/unfinished_training.h"
#include "cli/commands/commands.h"
#include "cli/commands/train/endings.h"
#include "cli/commands/train/training_monitor.h"
#include "cli/inputs/time_limit.h"
#include "cli/inputs/training_photos.h"
#include "cli/terminal/device_lines.h"
#include "cli/terminal/formatted.h"
#include "cli/terminal/progress_reporter.h"
#include "cli/terminal/resource_lines.h"

namespace styletransfer::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Settings that determine the networks; iterations and time limit only determine when training
/// ends.
Json settings_json(const CycleganJob& job) {
  const CycleganOptions& training = job.options;
  return {{"size", training.size_px},
          {"width", training.shape.width},
          {"blocks", training.shape.blocks},
          {"learning_rate", training.learning_rate},
          {"cycle_weight", training.cycle_weight},
          {"identity_weight", training.identity_weight},
          {"pool", training.pool},
          {"seed", training.seed},
          {"a_images", job.a_paths.size()},
          {"a_sha256", photos_sha256(job.a_paths)},
          {"b_images", job.b_paths.size()},
          {"b_sha256", photos_sha256(job.b_paths)}};
}

}  // namespace

int run_command(const TrainCycleganOptions& command) {
  set_up_log(command.verbosity);
  const std::string& name = command.control.output_path;
  const std::string a_to_b = name + "_a_to_b.pt";
  const std::string b_to_a = name + "_b_to_a.pt";
  const UnfinishedTraining unfinished(command.control, {a_to_b, b_to_a});
  CycleganJob job{training_photos("--a", command.a), training_photos("--b", command.b),
                  command.training};
  const Runtime runtime = resolve_runtime(command.runtime);
  report_device(runtime);
  report_resources(runtime, command.training.limits.memory_limit_bytes);
  Json settings = settings_json(job);
  const std::string fingerprint = fingerprint_text(settings.dump(), runtime);
  const std::optional<TrainingState> from = unfinished.load(fingerprint);
  TrainingMonitor watch(command.control, command.training.limits, unfinished.state_path(),
                        fingerprint);
  double& limit_seconds = job.options.limits.time_limit_seconds;
  limit_seconds = time_left(limit_seconds);
  const CycleganResult result = train_cyclegan(job, runtime, watch, from);
  settings["iterations"] = result.iterations;
  settings["seconds"] = result.seconds;
  const CycleganShape& shape = command.training.shape;
  std::string elsewhere;
  const auto save = [&](const auto& weights, const char* direction, const std::string& output) {
    try {
      write_or_use_fallback(output, [&](const std::string& path) {
        save_cyclegan_generator(shape, weights, direction, settings.dump(), path);
      });
    } catch (const WrittenToFallback& error) {
      elsewhere += (elsewhere.empty() ? "" : "; ") + std::string(error.what());
    }
  };
  save(result.a_to_b, "a to b", a_to_b);
  save(result.b_to_a, "b to a", b_to_a);
  if (!elsewhere.empty()) throw WrittenToFallback(elsewhere);
  log_info("wrote " + a_to_b + " and " + b_to_a + ", " + counted(result.iterations, "iteration") +
           ", " + clock_text(result.seconds));
  return end_training(result.ending, unfinished);
}

}  // namespace styletransfer::cli
