#include "cli/train/flags.h"

#include <filesystem>
#include <limits>

#include "cli/flag_groups.h"
#include "cli/run_control_flags.h"
#include "cli/values.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;

constexpr int kMostIterations = 100000000;

void require(bool is_there, const std::string& flag, const std::string& example) {
  if (!is_there) throw UsageError(flag + " is missing; for example: styletransfer " + example);
}

void add_output_flags(FlagTable& table, TrainingControl& control, const std::string& help) {
  table.group("Output");
  table.value("-o,--output", "FILE", help, "",
              [&](Text, Text text) { control.output_path = text; });
  table.toggle("--overwrite", "replace existing files", control.overwrite);
}

void add_course_flags(FlagTable& table, TrainingControl& control, TrainingLimits& limits) {
  table.group("Long runs");
  table.toggle("--resume", "go on where an interrupted training of the same command stopped",
               control.resume);
  add_checkpoint_flag(table, control.checkpoint_every, "iterations");
  table.value("--preview-every", "N",
              "iterations after which a picture of what the network does is written into "
              "OUTPUT-previews",
              "none", [&](Text flag, Text text) {
                control.preview_every = parse_int(flag, text, 1, kMostIterations, "iterations");
              });
  add_time_limit_flag(table, "end in time, the learning rate with it: 90s, 5m or 1h",
                      limits.time_limit_seconds);
}

void add_size_flags(FlagTable& table, FastTrainingOptions& training) {
  table.group("Network and steps");
  table.value(
      "--size", "PX", "side of the squares that are learnt from", std::to_string(training.size_px),
      [&](Text flag, Text text) { training.size_px = parse_int(flag, text, 1, 100000, "pixels"); });
  table.value("--width", "N", "channels of the network at full size; more: finer, slower",
              std::to_string(training.shape.width), [&](Text flag, Text text) {
                training.shape.width = parse_int(flag, text, 1, 256, "channels");
              });
  table.value("--blocks", "N", "residual blocks of the network",
              std::to_string(training.shape.blocks), [&](Text flag, Text text) {
                training.shape.blocks = parse_int(flag, text, 0, 32, "blocks");
              });
  table.value("--batch", "N", "photos a step", std::to_string(training.batch),
              [&](Text flag, Text text) { training.batch = parse_int(flag, text, 1, 64); });
  table.value("--iterations", "N", "steps", std::to_string(training.limits.iterations),
              [&](Text flag, Text text) {
                training.limits.iterations = parse_int(flag, text, 1, kMostIterations, "steps");
              });
  table.value(
      "--learning-rate", "R", "Adam's at the start", number_text(training.learning_rate),
      [&](Text flag, Text text) { training.learning_rate = parse_double(flag, text, 1e-8, 1.0); });
  table.value("--check-every", "N", "steps between two looks at the held-out photos",
              std::to_string(training.check_every), [&](Text flag, Text text) {
                training.check_every = parse_int(flag, text, 1, kMostIterations, "steps");
              });
  table.value("--patience", "N",
              "looks without a better held-out loss after which the training ends; 0: never",
              std::to_string(training.patience), [&](Text flag, Text text) {
                training.patience = parse_int(flag, text, 0, kMostIterations, "looks");
              });
  add_seed_flag(table, "of weights and squares: same seed, same network", training.seed);
}

/// A network file that is no .pt would be taken for something else by every program.
void check_ending(const std::string& output_path) {
  if (std::filesystem::path(output_path).extension() == ".pt") return;
  throw UsageError("--output " + output_path + ": a network file ends in .pt");
}

}  // namespace

void add_train_fast_flags(FlagTable& table, TrainFastOptions& options) {
  table.group("Pictures");
  add_style_flags(table, options);
  table.listed("--images", "FILE|FOLDER...", "photos to learn from, and folders of them",
               [&](Text, Text text) { options.control.images.push_back(text); });
  add_output_flags(table, options.control, "network file to write, .pt");
  add_size_flags(table, options.training);
  add_weight_flags(table, options.job);
  add_loss_flags(table, options.job);
  add_device_flags(table, options);
  add_precision_flag(table, options.runtime);
  add_course_flags(table, options.control, options.training.limits);
}

void check_combinations(TrainFastOptions& options, const LogFlags& log,
                        const IsGiven& /*is_given*/) {
  const char* example = "train fast --style painting.jpg --images photos --output painting.pt";
  require(!options.style_paths.empty(), "--style", example);
  require(!options.control.images.empty(), "--images", example);
  require(!options.control.output_path.empty(), "--output", example);
  check_ending(options.control.output_path);
  check_styles(options);
  options.training.validate();
  // The library knows which weights go together; they do not depend on the picture.
  static_cast<void>(make_schedule(options.job.schedule, Size{512, 512}));
  check_messages(log);
}

}  // namespace styletransfer::cli
