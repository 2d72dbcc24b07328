// `train fast`: trains a feed-forward network for one style image or a blend of several.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/checkpoint/fallback_output.h"
#include "cli/checkpoint/training_settings.h"
#include "cli/commands/commands.h"
#include "cli/commands/train/training_run.h"
#include "cli/inputs/job_files.h"
#include "cli/inputs/shared_resources.h"
#include "cli/inputs/time_limit.h"
#include "cli/inputs/training_photos.h"
#include "cli/terminal/formatted.h"
#include "cli/terminal/progress/progress_reporter.h"
#include "styletransfer/fast_training.h"

namespace styletransfer::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string style_names(const std::vector<std::string>& paths) {
  std::string names;
  for (const std::string& path : paths) {
    names += (names.empty() ? "" : ", ") + std::filesystem::path(path).stem().string();
  }
  return names;
}

FastTrainingJob training_job(const TrainFastOptions& command, std::vector<std::string> photos,
                             SharedResources& resources) {
  Job images;
  open_styles(command, command.training.size_px, resources.files(), resources.style_images(),
              images);
  return {std::move(photos), std::move(images.styles), command.job.loss,
          weights_of(command.job.schedule), command.training};
}

void write_network(const TrainFastOptions& command, const FastTrainingResult& result,
                   Json settings) {
  settings["iterations"] = result.iterations;
  settings["seconds"] = result.seconds;
  if (result.validation_loss) settings["held_out_loss"] = *result.validation_loss;
  if (result.photo_loss) settings["photo_loss"] = *result.photo_loss;
  write_or_use_fallback(command.control.output_path, [&](const std::string& path) {
    save_fast_network(command.training.shape, result.weights, style_names(command.style_paths),
                      settings.dump(), path);
  });
  std::string summary = "wrote " + command.control.output_path + ", " +
                        counted(result.iterations, "iteration") + ", " + clock_text(result.seconds);
  if (result.validation_loss) {
    summary += formatted(", validation loss %.4g (unstylized photos: %.4g)",
                         *result.validation_loss, *result.photo_loss);
  }
  log_info(summary);
}

}  // namespace

int run_command(const TrainFastOptions& command) {
  set_up_log(verbosity_of(command));
  JobOptions shared = command;
  shared.job.memory_limit_bytes = command.training.limits.memory_limit_bytes;
  SharedResources resources(shared);
  inspect_styles(command, resources.files());
  TrainingRun run(command.control, command.training.limits, {command.control.output_path});
  const std::vector<std::string> photos = training_photos("--images", command.images);
  resources.open();
  FastTrainingJob job = training_job(command, photos, resources);
  const std::string settings = training_settings(command, photos, resources);
  std::optional<Checkpoint> from = run.start(fingerprint_text(settings, resources.runtime()));
  double& limit_seconds = job.options.limits.time_limit_seconds;
  limit_seconds = time_left(limit_seconds);
  const FastTrainingResult result =
      train_fast(job, resources.network(), resources.runtime(), run.observer(), std::move(from));
  write_network(command, result, Json::parse(settings));
  return run.end(result.stop_reason);
}

}  // namespace styletransfer::cli
