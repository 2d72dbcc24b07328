#include "cli/train/flags.h"

#include <filesystem>

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

void add_output_flags(FlagTable& table, TrainingControl& control, const std::string& kind,
                      const std::string& help) {
  table.group("Output");
  table.value("-o,--output", kind, help, "", [&](Text, Text text) { control.output_path = text; });
  table.toggle("--overwrite", "replace existing files", control.overwrite);
}

void add_course_flags(FlagTable& table, TrainingControl& control, TrainingLimits& limits) {
  table.group("Long runs");
  table.toggle("--resume", "go on where an interrupted training of the same command stopped",
               control.resume);
  add_checkpoint_flag(table, control.checkpoint_every, "steps");
  table.value("--preview-every", "N",
              "steps after which a picture of what the network does is written into "
              "OUTPUT-previews",
              "none", [&](Text flag, Text text) {
                control.preview_every = parse_int(flag, text, 1, kMostIterations, "steps");
              });
  add_time_limit_flag(table, "end in time, the learning rate with it: 90s, 5m or 1h",
                      limits.time_limit_seconds);
}

void add_whole_number(FlagTable& table, const std::string& name, const std::string& help, int least,
                      int most, int& field) {
  table.value(name, "N", help, std::to_string(field), [&field, least, most](Text flag, Text text) {
    field = parse_int(flag, text, least, most);
  });
}

void add_number(FlagTable& table, const std::string& name, const std::string& kind,
                const std::string& help, double least, double most, double& field) {
  table.value(name, kind, help, number_text(field), [&field, least, most](Text flag, Text text) {
    field = parse_double(flag, text, least, most);
  });
}

/// What both kinds of training have; the bounds that depend on a kind are the library's.
template <typename Training>
void add_network_flags(FlagTable& table, Training& training) {
  table.group("Network and steps");
  table.value("--size", "PX", "side of the squares that are learnt from",
              std::to_string(training.size_px), [&](Text flag, Text text) {
                training.size_px = parse_int(flag, text, 1, kMostIterations, "pixels");
              });
  add_whole_number(table, "--width", "channels of the network at full size; more: finer, slower", 1,
                   kMostIterations, training.shape.width);
  add_whole_number(table, "--blocks", "residual blocks of the network", 0, kMostIterations,
                   training.shape.blocks);
  add_whole_number(table, "--iterations", "steps", 1, kMostIterations, training.limits.iterations);
  add_number(table, "--learning-rate", "R", "Adam's at the start", 1e-8, 1.0,
             training.learning_rate);
  add_seed_flag(table, "of weights and squares: same seed, same network", training.seed);
}

/// A network file that is no .pt would be taken for something else by every program.
void check_ending(const std::string& output_path) {
  if (std::filesystem::path(output_path).extension() == ".pt") return;
  throw UsageError("--output " + output_path + ": a network file ends in .pt");
}

}  // namespace

void add_train_fast_flags(FlagTable& table, TrainFastOptions& options) {
  FastTrainingOptions& training = options.training;
  table.group("Pictures");
  add_style_flags(table, options);
  table.listed("--images", "FILE|FOLDER...", "photos to learn from, and folders of them",
               [&](Text, Text text) { options.images.push_back(text); });
  add_output_flags(table, options.control, "FILE", "network file to write, .pt");
  add_network_flags(table, training);
  add_whole_number(table, "--batch", "photos a step", 1, kMostIterations, training.batch);
  add_whole_number(table, "--check-every", "steps between two looks at the held-out photos", 1,
                   kMostIterations, training.check_every);
  add_whole_number(table, "--patience",
                   "looks without a better held-out loss after which the training ends; 0: never",
                   0, kMostIterations, training.patience);
  add_weight_flags(table, options.job);
  add_loss_flags(table, options.job);
  add_device_flags(table, options);
  add_precision_flag(table, options.runtime);
  add_memory_flag(table, training.limits.memory_limit_bytes);
  add_course_flags(table, options.control, training.limits);
}

void add_train_cyclegan_flags(FlagTable& table, TrainCycleganOptions& options) {
  constexpr double kMostWeight = 1e6;
  CycleganOptions& training = options.training;
  table.group("Pictures");
  table.listed("--a", "FILE|FOLDER...", "pictures of the first kind, and folders of them",
               [&](Text, Text text) { options.a.push_back(text); });
  table.listed("--b", "FILE|FOLDER...", "pictures of the second kind, and folders of them",
               [&](Text, Text text) { options.b.push_back(text); });
  add_output_flags(table, options.control, "NAME",
                   "networks to write: NAME_a_to_b.pt and NAME_b_to_a.pt");
  add_network_flags(table, training);
  table.group("Weights");
  add_number(table, "--cycle-weight", "W", "how much a translation there and back must be the same",
             0.0, kMostWeight, training.cycle_weight);
  add_number(table, "--identity-weight", "W",
             "part of the cycle weight: how much a picture of the wanted kind must stay", 0.0,
             kMostWeight, training.identity_weight);
  add_whole_number(table, "--pool", "earlier translations that the judges see again", 0,
                   kMostIterations, training.pool);
  table.group("Device");
  add_runtime_flags(table, options.runtime);
  add_precision_flag(table, options.runtime);
  add_memory_flag(table, training.limits.memory_limit_bytes);
  add_course_flags(table, options.control, training.limits);
}

void check_combinations(const TrainFastOptions& options, const LogFlags& log) {
  const char* example = "train fast --style painting.jpg --images photos --output painting.pt";
  require(!options.style_paths.empty(), "--style", example);
  require(!options.images.empty(), "--images", example);
  require(!options.control.output_path.empty(), "--output", example);
  check_ending(options.control.output_path);
  check_styles(options);
  options.training.validate();
  // The library knows which weights go together; they do not depend on the picture.
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
