#include "cli/options/train_flags.h"

#include <filesystem>

#include "cli/args/values.h"
#include "cli/options/checkpoint_flags.h"
#include "cli/options/flag_groups.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;

constexpr int kMaxTrainingIterations = 100000000;

void require(bool is_there, const std::string& flag, const std::string& example) {
  if (!is_there) throw UsageError(flag + " is missing; for example: styletransfer " + example);
}

void add_output_flags(FlagTable& table, TrainingControl& control, const std::string& kind,
                      const std::string& help) {
  table.group("Output");
  table.value("-o,--output", kind, help, "", [&](Text, Text text) { control.output_path = text; });
  table.toggle("--overwrite", "replace existing files", control.overwrite);
}

void add_control_flags(FlagTable& table, TrainingControl& control, TrainingLimits& limits) {
  table.group("Long runs");
  table.toggle("--resume", "resume an interrupted training of the same command", control.resume);
  add_checkpoint_flag(table, control.checkpoint_every, "iterations");
  table.value("--preview-every", "N", "write a preview image to OUTPUT-previews every N iterations",
              "none", [&](Text flag, Text text) {
                control.preview_every =
                    parse_int(flag, text, 1, kMaxTrainingIterations, "iterations");
              });
  add_time_limit_flag(table,
                      "time limit, to which the learning rate schedule is fitted: 90s, 5m or 1h",
                      limits.time_limit_seconds);
}

void add_whole_number(FlagTable& table, const std::string& name, const std::string& help, int min,
                      int max, int& field) {
  table.value(name, "N", help, std::to_string(field), [&field, min, max](Text flag, Text text) {
    field = parse_int(flag, text, min, max);
  });
}

void add_number(FlagTable& table, const std::string& name, const std::string& kind,
                const std::string& help, double min, double max, double& field) {
  table.value(name, kind, help, number_text(field), [&field, min, max](Text flag, Text text) {
    field = parse_double(flag, text, min, max);
  });
}

/// Flags of both kinds of training; bounds that depend on the kind are checked by the library.
template <typename Training>
void add_network_flags(FlagTable& table, Training& training) {
  table.group("Network and iterations");
  table.value("--size", "PX", "side of the square training crops", std::to_string(training.size_px),
              [&](Text flag, Text text) {
                training.size_px = parse_int(flag, text, 1, kMaxTrainingIterations, "pixels");
              });
  add_whole_number(table, "--width",
                   "channels of the network at full resolution; more are finer and slower", 1,
                   kMaxTrainingIterations, training.shape.width);
  add_whole_number(table, "--blocks", "residual blocks of the network", 0, kMaxTrainingIterations,
                   training.shape.blocks);
  add_whole_number(table, "--iterations", "training iterations", 1, kMaxTrainingIterations,
                   training.limits.iterations);
  add_number(table, "--learning-rate", "R", "initial learning rate of Adam", 1e-8, 1.0,
             training.learning_rate);
  add_seed_flag(table, "of weights and crops: same seed, same network", training.seed);
}

/// Requires .pt: every program expects this extension of a network file.
void check_ending(const std::string& output_path) {
  if (std::filesystem::path(output_path).extension() == ".pt") return;
  throw UsageError("--output " + output_path + ": the name of a network file must end in .pt");
}

}  // namespace

void add_train_fast_flags(FlagTable& table, TrainFastOptions& options) {
  FastTrainingOptions& training = options.training;
  table.group("Images");
  add_style_flags(table, options);
  table.listed("--images", "IMAGE|FOLDER...", "training photos, and folders of photos",
               [&](Text, Text text) { options.images.push_back(text); });
  add_output_flags(table, options.control, "FILE", "network file to write, .pt");
  add_network_flags(table, training);
  add_whole_number(table, "--batch", "photos per iteration", 1, kMaxTrainingIterations,
                   training.batch);
  add_whole_number(table, "--check-every",
                   "iterations between two evaluations of the validation loss", 1,
                   kMaxTrainingIterations, training.check_every);
  add_whole_number(
      table, "--patience",
      "evaluations without a better validation loss after which the training stops; 0: never", 0,
      kMaxTrainingIterations, training.patience);
  add_weight_flags(table, options.job);
  add_loss_flags(table, options.job);
  add_device_flags(table, options);
  add_precision_flag(table, options.runtime);
  add_memory_flag(table, training.limits.memory_limit_bytes);
  add_control_flags(table, options.control, training.limits);
}

void add_train_cyclegan_flags(FlagTable& table, TrainCycleganOptions& options) {
  constexpr double kMaxWeight = 1e6;
  CycleganOptions& training = options.training;
  table.group("Images");
  table.listed("--a", "IMAGE|FOLDER...", "images of the first domain, and folders of images",
               [&](Text, Text text) { options.a.push_back(text); });
  table.listed("--b", "IMAGE|FOLDER...", "images of the second domain, and folders of images",
               [&](Text, Text text) { options.b.push_back(text); });
  add_output_flags(table, options.control, "NAME",
                   "networks to write: NAME_a_to_b.pt and NAME_b_to_a.pt");
  add_network_flags(table, training);
  table.group("Weights");
  add_number(table, "--cycle-weight", "W", "weight of the cycle-consistency loss", 0.0, kMaxWeight,
             training.cycle_weight);
  add_number(table, "--identity-weight", "W",
             "weight of the identity loss, relative to --cycle-weight", 0.0, kMaxWeight,
             training.identity_weight);
  add_whole_number(table, "--pool",
                   "size of the pool of earlier generated images shown to the discriminators", 0,
                   kMaxTrainingIterations, training.pool);
  table.group("Device");
  add_runtime_flags(table, options.runtime);
  add_precision_flag(table, options.runtime);
  add_memory_flag(table, training.limits.memory_limit_bytes);
  add_control_flags(table, options.control, training.limits);
}

void check_combinations(const TrainFastOptions& options, const LogFlags& log) {
  const char* example = "train fast --style painting.jpg --images photos --output painting.pt";
  require(!options.style_paths.empty(), "--style", example);
  require(!options.images.empty(), "--images", example);
  require(!options.control.output_path.empty(), "--output", example);
  check_ending(options.control.output_path);
  check_styles(options);
  options.training.validate();
  // The library checks the combination of weights, which does not depend on the image.
  static_cast<void>(make_schedule(options.job.schedule, Size{512, 512}));
  check_messages(log);
}

void check_combinations(const TrainCycleganOptions& options, const LogFlags& log) {
  const char* example = "train cyclegan --a summer --b winter --output seasons";
  require(!options.a.empty(), "--a", example);
  require(!options.b.empty(), "--b", example);
  require(!options.control.output_path.empty(), "--output", example);
  options.training.validate();
  check_messages(log);
}

}  // namespace styletransfer::cli
