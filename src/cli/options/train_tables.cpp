#include "cli/options/rows.h"
#include "cli/options/tables.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;

void add_training_output_rows(OptionTable& table, Text metavar, Text help,
                              TrainingControl& control) {
  table.group("Output");
  table.text("-o,--output", metavar, help, "", control.output_path);
  table.toggle("--overwrite", "replace existing files", control.overwrite);
}

/// Rows of both kinds of training.
template <typename Training>
void add_training_rows(OptionTable& table, Training& training) {
  table.group("Network and iterations");
  table.number("--size", "PX", "side of the square training crops", training.size_px, kCropSize)
      .result();
  table
      .number("--width", "N",
              "channels of the network at full resolution; more are finer and slower",
              training.shape.width, kNetworkWidth)
      .result();
  table
      .number("--blocks", "N", "residual blocks of the network", training.shape.blocks,
              kNetworkBlocks)
      .result();
  table
      .number("--iterations", "N", "training iterations", training.limits.iterations,
              TrainingLimits::kIterations)
      .result_not_stored("a resumed training may go on for longer");
  table
      .number("--learning-rate", "R", "initial learning rate of Adam", training.learning_rate,
              kTrainingLearningRate)
      .result();
  add_seed_row(table, "of weights and crops: same seed, same network", training.seed);
}

}  // namespace

OptionTable train_fast_table(TrainFastOptions& options) {
  FastTrainingOptions& training = options.training;
  OptionTable table;
  table.group("Images");
  add_style_rows(table, options);
  // Stored as given, in networks of every version.
  table.at("--style-blend").gets([&] { return Json(options.style_blend); });
  table.at("--style-scale").gets([&] {
    const bool is_one = options.style_scale.size() < 2;
    const double scale = options.style_scale.empty() ? Style().scale : options.style_scale.front();
    return is_one ? Json(std::vector<double>(options.style_paths.size(), scale))
                  : Json(options.style_scale);
  });
  add_images_row(table, "--images", "training photos, and folders of photos", options.images);
  add_training_output_rows(table, "FILE", "network file to write, .pt", options.control);
  for (const char* flag : {"--style", "--images", "--output"}) {
    require(table, flag, "train fast --style painting.jpg --images photos --output painting.pt");
  }
  add_training_rows(table, training);
  table.number("--batch", "N", "photos per iteration", training.batch, FastTrainingOptions::kBatch)
      .result();
  table
      .number("--check-every", "N", "iterations between two evaluations of the validation loss",
              training.check_every, FastTrainingOptions::kCheckEvery)
      .result();
  table
      .number("--patience", "N",
              "evaluations without a better validation loss after which the training stops; 0: "
              "never",
              training.patience, FastTrainingOptions::kPatience)
      .result();
  add_weight_rows(table, options.job, "");
  add_loss_rows(table, options.job);
  add_device_rows(table, options);
  add_precision_row(table, options.runtime);
  add_memory_row(table, training.limits.memory_limit_bytes);
  add_training_control_rows(table, options.control, training.limits);
  add_configuration_rows(table, options, WithPresets::kNo);
  add_message_rows(table, options);
  return table;
}

OptionTable train_cyclegan_table(TrainCycleganOptions& options) {
  CycleganOptions& training = options.training;
  OptionTable table;
  table.group("Images");
  add_images_row(table, "--a", "images of the first domain, and folders of images", options.a);
  add_images_row(table, "--b", "images of the second domain, and folders of images", options.b);
  add_training_output_rows(table, "NAME", "networks to write: NAME_a_to_b.pt and NAME_b_to_a.pt",
                           options.control);
  for (const char* flag : {"--a", "--b", "--output"}) {
    require(table, flag, "train cyclegan --a summer --b winter --output seasons");
  }
  add_training_rows(table, training);
  table.group("Weights");
  table
      .number("--cycle-weight", "W", "weight of the cycle-consistency loss", training.cycle_weight,
              CycleganOptions::kWeight)
      .result();
  table
      .number("--identity-weight", "W", "weight of the identity loss, relative to --cycle-weight",
              training.identity_weight, CycleganOptions::kWeight)
      .result();
  table
      .number("--pool", "N",
              "size of the pool of earlier generated images shown to the discriminators",
              training.pool, CycleganOptions::kPool)
      .result();
  table.group("Device");
  add_runtime_rows(table, options.runtime);
  add_precision_row(table, options.runtime);
  add_memory_row(table, training.limits.memory_limit_bytes);
  add_training_control_rows(table, options.control, training.limits);
  add_configuration_rows(table, options, WithPresets::kNo);
  add_message_rows(table, options);
  return table;
}

}  // namespace styletransfer::cli
