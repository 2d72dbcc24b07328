// What a command line asks for, as typed values: one struct a subcommand. Pictures are still paths.
// Defaults are those of the library's own structs.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/batch/pairs.h"
#include "cli/log/log.h"
#include "cli/mask_paths.h"
#include "cli/painting_options.h"
#include "cli/report/record_flags.h"
#include "cli/run_control.h"
#include "cli/train/training_control.h"
#include "styletransfer/cyclegan_training.h"
#include "styletransfer/fast_training.h"
#include "styletransfer/image_io.h"
#include "styletransfer/print_sheet.h"
#include "styletransfer/transfer.h"

namespace styletransfer::cli {

/// What happens to the content picture's transparency.
enum class Alpha { kKeep, kFlatten };

/// What the main job and `loss` share.
struct JobOptions {
  std::string content_path;
  std::vector<std::string> style_paths;
  /// What gave them, for messages.
  std::string content_flag = "--content";
  std::string style_flag = "--style";
  /// One share a style, or empty: equal shares.
  std::vector<double> style_blend;
  /// One factor for all styles, or one a style; empty: Style's own.
  std::vector<double> style_scale;
  MaskPaths masks;
  /// Empty: the usual places (find_network).
  std::string model_path;
  RuntimeOptions runtime;
  /// Without pictures.
  Job job;
  Verbosity verbosity = Verbosity::kNormal;
  /// Network files are used without a check of what their code does.
  bool trusts_networks = false;
};

struct StylizeOptions : JobOptions {
  /// Empty until check_combinations fills the default in.
  std::string output_path;
  /// Instead of job.schedule.size_px.
  std::optional<PrintSheet> print;
  /// Set when job.init.kind is kImage.
  std::string init_path;
  /// Paints the start: job.init.kind is kImage.
  PaintingOptions painting;
  WriteOptions write;
  /// Nothing of time and machine in the stored settings: same command, same bytes.
  bool reproducible = false;
  RunControl control;
  Alpha alpha = Alpha::kKeep;
  /// --alpha was given: what it asks for must be possible.
  bool alpha_asked = false;
  RecordOptions records;
};

struct BatchOptions {
  /// Files and folders.
  std::vector<std::string> contents;
  std::vector<std::string> styles;
  std::string output_folder;
  /// Ending of every result.
  std::string format = "png";
  Shard shard;
  /// Pictures painted at the same time; 0: by their size and the processor (at_once.h).
  int at_once = 0;
  /// Only list what would be made.
  bool dry_run = false;
  /// What all pictures share; content, style and output are filled in for each.
  StylizeOptions picture;
};

struct ApplyOptions {
  ApplyOptions() { picture.job.schedule.size_px = 0; }

  /// Files and folders.
  std::vector<std::string> pictures;
  /// A folder, or the file of one picture.
  std::string output = ".";
  std::string format = "png";
  bool dry_run = false;
  int refine_iterations = 0;
  /// What all pictures share; content and output are filled in for each.
  StylizeOptions picture;
};

struct LossCommandOptions : JobOptions {
  std::vector<std::string> picture_paths;
};

struct TrainFastOptions : JobOptions {
  /// Files and folders to learn from.
  std::vector<std::string> images;
  TrainingControl control;
  FastTrainingOptions training;
};

struct TrainCycleganOptions {
  /// Files and folders of each kind.
  std::vector<std::string> a;
  std::vector<std::string> b;
  TrainingControl control;
  CycleganOptions training;
  RuntimeOptions runtime;
  Verbosity verbosity = Verbosity::kNormal;
};

struct PictureInfoOptions {
  std::string picture_path;
};

struct ModelInfoOptions {
  std::string model_path;
  bool trusts_network = false;
};

struct ModelImportOptions {
  std::string weights_path;
  std::string output_path = "models/vgg19.pt";
  /// "caffe", "torchvision", or empty: as the weights say.
  std::string input;
  bool overwrite = false;
};

/// --help and --version: the text for stdout.
struct ShowText {
  std::string text;
};

using Command = std::variant<ShowText, StylizeOptions, BatchOptions, ApplyOptions,
                             LossCommandOptions, TrainFastOptions, TrainCycleganOptions,
                             PictureInfoOptions, ModelInfoOptions, ModelImportOptions>;

}  // namespace styletransfer::cli
