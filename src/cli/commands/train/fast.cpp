// `train fast`: trains a feed-forward network for one style image or a blend of several.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/checkpoint/fallback_output.h"
#include "cli/checkpoint/loss_json.h"
#include "cli/checkpoint/unfinished_training.h"
#include "cli/commands/commands.h"
#include "cli/commands/train/endings.h"
#include "cli/commands/train/training_monitor.h"
#include "cli/inputs/job_files.h"
#include "cli/inputs/shared_resources.h"
#include "cli/inputs/time_limit.h"
#include "cli/inputs/training_photos.h"
#include "cli/terminal/formatted.h"
#include "cli/terminal/progress_reporter.h"

namespace styletransfer::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Settings that determine the network; iterations and time limit only determine when training
/// ends.
Json settings_json(const TrainFastOptions& command, const std::vector<std::string>& photos,
                   SharedResources& resources) {
  const FastTrainingOptions& training = command.training;
  const Weights weights = weights_of(command.job.schedule);
  std::vector<double> scales;
  Json styles = Json::array();
  for (std::size_t i = 0; i < command.style_paths.size(); ++i) {
    styles.push_back(resources.hash_of(command.style_paths[i]));
    scales.push_back(style_scale(command, i));
  }
  Json json = {{"size", training.size_px},
               {"width", training.shape.width},
               {"blocks", training.shape.blocks},
               {"batch", training.batch},
               {"learning_rate", training.learning_rate},
               {"check_every", training.check_every},
               {"patience", training.patience},
               {"seed", training.seed},
               {"content_weight", weights.content_weight},
               {"style_weight", weights.style_weight},
               {"tv_weight", weights.tv_weight},
               {"style_sha256", styles},
               {"style_blend", command.style_blend},
               {"style_scale", scales},
               {"images", photos.size()},
               {"images_sha256", photos_sha256(photos)},
               {"network_sha256", resources.network_hash()}};
  json.update(loss_json(command.job.loss));
  return json;
}

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
  open_styles(command, command.training.size_px, resources.style_images(), images);
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
  set_up_log(command.verbosity);
  inspect_styles(command);
  const UnfinishedTraining unfinished(command.control, {command.control.output_path});
  const std::vector<std::string> photos = training_photos("--images", command.images);
  JobOptions shared = command;
  shared.job.memory_limit_bytes = command.training.limits.memory_limit_bytes;
  SharedResources resources(shared);
  resources.open();
  FastTrainingJob job = training_job(command, photos, resources);
  const Json settings = settings_json(command, photos, resources);
  const std::string fingerprint = fingerprint_text(settings.dump(), resources.runtime());
  std::optional<TrainingState> from = unfinished.load(fingerprint);
  TrainingMonitor watch(command.control, command.training.limits, unfinished.state_path(),
                        fingerprint);
  double& limit_seconds = job.options.limits.time_limit_seconds;
  limit_seconds = time_left(limit_seconds);
  const FastTrainingResult result =
      train_fast(job, resources.network(), resources.runtime(), watch, std::move(from));
  write_network(command, result, settings);
  return end_training(result.ending, unfinished);
}

}  // namespace styletransfer::cli
