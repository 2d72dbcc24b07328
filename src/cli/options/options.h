// Command line options as typed values, one struct per subcommand. Images are still paths. Defaults
// are those of the library's structs. No tensors.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/options/checkpoint_options.h"
#include "cli/options/report_options.h"
#include "cli/options/shard.h"
#include "cli/options/training_control.h"
#include "cli/terminal/log.h"
#include "image/paper_size.h"
#include "styletransfer/image_io.h"
#include "styletransfer/job.h"
#include "styletransfer/network_convention.h"
#include "styletransfer/runtime_options.h"
#include "styletransfer/training_options.h"

namespace styletransfer::cli {

/// Options that every command has.
struct CommandOptions {
  /// Empty: none.
  std::string config_path;
  /// Empty: none.
  std::string preset;
  bool print_config = false;
  bool quiet = false;
  bool verbose = false;
};

[[nodiscard]] Verbosity verbosity_of(const CommandOptions& options);

struct MaskPaths {
  /// One per style, in the styles' order, or an empty list; an empty string: no mask for that
  /// style.
  std::vector<std::string> content;
  std::vector<std::string> style;
  /// Empty: none.
  std::string untouched;
  std::string content_weight;
};

/// Feed-forward network that makes the result (apply) or the start image (--init network:).
struct FeedForwardOptions {
  /// Empty: none.
  std::string network_path;
  /// The flag that gave it, for messages.
  std::string flag = "--init";
  /// The network's convention as given on the command line: a family, and single values that
  /// override it.
  ConventionClues family;
  ConventionClues facts;
  bool in_bfloat16 = false;

  [[nodiscard]] ConventionClues convention() const { return family.overridden_by(facts); }
  [[nodiscard]] bool is_wanted() const { return !network_path.empty(); }
};

/// Handling of the content image's transparency.
enum class Alpha { kKeep, kFlatten };

/// Options shared by the main command and `loss`.
struct JobOptions : CommandOptions {
  std::string content_path;
  std::vector<std::string> style_paths;
  /// The flags that gave them, for messages.
  std::string content_flag = "--content";
  std::string style_flag = "--style";
  /// One weight per style; empty: equal weights.
  std::vector<double> style_blend;
  /// One factor for all styles, or one per style; empty: the default of Style.
  std::vector<double> style_scale;
  MaskPaths masks;
  /// Empty: the default locations (find_network).
  std::string model_path;
  RuntimeOptions runtime;
  /// Its images are not set yet.
  Job job;
  /// Use network files without checking their code.
  bool trusts_networks = false;
};

struct StylizeOptions : JobOptions {
  /// Empty until complete() sets the default.
  std::string output_path;
  /// Replaces job.schedule.size_px.
  std::optional<PaperSize> print;
  /// Set when job.init.kind is kImage.
  std::string init_path;
  /// Makes the start image; job.init.kind is kImage.
  FeedForwardOptions feed_forward;
  WriteOptions write;
  /// Store no times and no machine details: same command, same bytes.
  bool reproducible = false;
  CheckpointOptions control;
  Alpha alpha = Alpha::kKeep;
  /// --alpha was given: an error, not a warning, if the format cannot do it.
  bool alpha_asked = false;
  ReportOptions reports;
  /// "preset poster: --print A4 ...": what --preset set; empty without it.
  std::string preset_line;
};

struct BatchOptions : CommandOptions {
  /// Files and folders.
  std::vector<std::string> contents;
  std::vector<std::string> styles;
  std::string output_folder;
  /// File extension of every result.
  std::string format = "png";
  Shard shard;
  /// Images processed in parallel; 0: by image size and CPU (parallel_items.h).
  int at_once = 0;
  static constexpr Bounds<int> kAtOnce{1, 64, "images"};
  /// Only list the pairs.
  bool dry_run = false;
  /// Options common to all images; content, style and output are filled in for each.
  StylizeOptions image;
};

struct ApplyOptions : CommandOptions {
  ApplyOptions() { image.job.schedule.size_px = 0; }

  /// Files and folders.
  std::vector<std::string> images;
  /// A folder, or a file if there is one image.
  std::string output = ".";
  std::string format = "png";
  bool dry_run = false;
  int refine_iterations = 0;
  static constexpr Bounds<int> kRefineIterations{1, Pass::kIterations.max, "iterations"};
  /// Options common to all images; content and output are filled in for each.
  StylizeOptions image;
};

struct LossCommandOptions : JobOptions {
  std::vector<std::string> image_paths;
};

struct TrainFastOptions : JobOptions {
  /// Files and folders of training photos.
  std::vector<std::string> images;
  TrainingControl control;
  FastTrainingOptions training;
};

struct TrainCycleganOptions : CommandOptions {
  /// Files and folders of each image domain.
  std::vector<std::string> a;
  std::vector<std::string> b;
  TrainingControl control;
  CycleganOptions training;
  RuntimeOptions runtime;
};

struct ImageInfoOptions : CommandOptions {
  std::string image_path;
  /// Print the command that makes the image again.
  bool wants_command = false;
};

struct ModelInfoOptions : CommandOptions {
  std::string model_path;
  bool trusts_network = false;
};

struct ModelImportOptions : CommandOptions {
  std::string weights_path;
  std::string output_path = "models/vgg19.pt";
  /// "caffe", "torchvision", or empty: as stored in the weights.
  std::string input;
  bool overwrite = false;
};

/// --help and --version: the text for stdout.
struct ShowText {
  std::string text;
};

/// False when the passes only resize the content.
[[nodiscard]] bool needs_network(const StylizeOptions& options);

/// `<content stem>-<style stem>.png` in the current folder, with the stems of all styles in order.
[[nodiscard]] std::string default_output_path(const std::string& content_path,
                                              const std::vector<std::string>& style_paths);

using Command = std::variant<ShowText, StylizeOptions, BatchOptions, ApplyOptions,
                             LossCommandOptions, TrainFastOptions, TrainCycleganOptions,
                             ImageInfoOptions, ModelInfoOptions, ModelImportOptions>;

}  // namespace styletransfer::cli
