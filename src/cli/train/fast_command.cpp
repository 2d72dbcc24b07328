// `train fast`: a network for the manner of one painting, or of a mixture.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/formatted.h"
#include "cli/job_files.h"
#include "cli/kept_elsewhere.h"
#include "cli/loss_json.h"
#include "cli/reporter.h"
#include "cli/time_limit.h"
#include "cli/train/endings.h"
#include "cli/train/photos.h"
#include "cli/train/unfinished_training.h"
#include "cli/train/watch.h"
#include "cli/workshop.h"

namespace styletransfer::cli {
namespace {

using Json = nlohmann::ordered_json;

/// What decides the network: iterations and time only decide when it is done.
Json settings_json(const TrainFastOptions& command, const std::vector<std::string>& photos,
                   Workshop& workshop) {
  const FastTrainingOptions& training = command.training;
  const Weights weights = weights_of(command.job.schedule);
  std::vector<double> scales;
  Json styles = Json::array();
  for (std::size_t i = 0; i < command.style_paths.size(); ++i) {
    styles.push_back(workshop.hash_of(command.style_paths[i]));
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
               {"network_sha256", workshop.network_hash()}};
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
                             Workshop& workshop) {
  Job pictures;
  open_styles(command, command.training.size_px, workshop.style_pictures(), pictures);
  return {std::move(photos), std::move(pictures.styles), command.job.loss,
          weights_of(command.job.schedule), command.training};
}

void write_network(const TrainFastOptions& command, const FastTrainingResult& result,
                   Json settings) {
  settings["iterations"] = result.iterations;
  settings["seconds"] = result.seconds;
  if (result.held_out_loss) settings["held_out_loss"] = *result.held_out_loss;
  if (result.photo_loss) settings["photo_loss"] = *result.photo_loss;
  write_or_keep_elsewhere(command.control.output_path, [&](const std::string& path) {
    save_fast_network(command.training.shape, result.weights, style_names(command.style_paths),
                      settings.dump(), path);
  });
  std::string words =
      formatted("wrote %s, %d steps, ", command.control.output_path.c_str(), result.iterations) +
      clock_text(result.seconds);
  if (result.held_out_loss) {
    words += formatted(", held-out loss %.4g (the photos themselves: %.4g)", *result.held_out_loss,
                       *result.photo_loss);
  }
  log_info(words);
}

}  // namespace

int run_command(const TrainFastOptions& command) {
  set_up_log(command.verbosity);
  look_at_styles(command);
  const UnfinishedTraining unfinished(command.control, {command.control.output_path});
  const std::vector<std::string> photos = training_photos("--images", command.images);
  JobOptions shared = command;
  shared.job.memory_limit_bytes = command.training.limits.memory_limit_bytes;
  Workshop workshop(shared);
  workshop.open();
  FastTrainingJob job = training_job(command, photos, workshop);
  const Json settings = settings_json(command, photos, workshop);
  const std::string binding = binding_text(settings.dump(), workshop.runtime());
  std::optional<TrainingState> from = unfinished.load(binding);
  TrainingWatch watch(command.control, command.training.limits, unfinished.state_path(), binding);
  double& limit_seconds = job.options.limits.time_limit_seconds;
  limit_seconds = time_left(limit_seconds);
  const FastTrainingResult result =
      train_fast(job, workshop.network(), workshop.runtime(), watch, std::move(from));
  write_network(command, result, settings);
  return end_training(result.ending, unfinished);
}

}  // namespace styletransfer::cli
