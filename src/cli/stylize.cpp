// The main job: check everything, read, run, write.
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/formatted.h"
#include "cli/interrupt.h"
#include "cli/job_files.h"
#include "cli/reporter.h"
#include "cli/settings.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string size_text(Size size) {
  return std::to_string(size.width_px) + "x" + std::to_string(size.height_px);
}

void refuse_output_over_input(const std::string& output, const std::string& flag,
                              const std::string& input) {
  std::error_code trouble;
  if (!fs::equivalent(output, input, trouble)) return;
  throw UsageError("--output " + output + " is the " + flag + " picture itself; name another file");
}

void check_output(const StylizeOptions& options, Size size) {
  refuse_output_over_input(options.output_path, "--content", options.content_path);
  for (const std::string& style : options.style_paths) {
    refuse_output_over_input(options.output_path, "--style", style);
  }
  try {
    check_output_path(options.output_path, options.write, size);
  } catch (const UsageError& error) {
    throw UsageError(std::string("--output: ") + error.what());
  }
}

int largest_px(const std::vector<Pass>& passes) {
  int largest = 0;
  for (const Pass& pass : passes) largest = std::max(largest, pass.size_px);
  return largest;
}

bool needs_network(const StylizeOptions& options, const std::vector<Pass>& passes) {
  return options.job.init.kind != InitKind::kContent ||
         std::any_of(passes.begin(), passes.end(),
                     [](const Pass& pass) { return pass.iterations > 0; });
}

/// Everything a run needs, checked and read.
class Stylization {
 public:
  explicit Stylization(const StylizeOptions& options)
      : options_(options), job_(options.job), write_(options.write) {}

  int run() {
    const ImageFileInfo content = look_at_pictures();
    passes_ = make_schedule(job_.schedule, content.size);
    check_output(options_, size_with_long_edge(content.size, passes_.back().size_px));
    const bool with_network = needs_network(options_, passes_);
    if (with_network) open_engine();
    if (!with_network && !options_.model_path.empty()) check_network_file(options_.model_path);
    read_content(content, largest_px(passes_));
    if (with_network) {
      read_styles_and_start();
      validate(job_, network_);
    }
    Result result = with_network ? paint() : resize();
    if (interrupted_before_painting_) return kExitInterrupted;
    write(result);
    return exit_code(result.ending);
  }

 private:
  ImageFileInfo look_at_pictures() {
    ImageFileInfo content = look_at_picture("--content", options_.content_path);
    look_at_styles(options_);
    if (!options_.init_path.empty()) {
      look_at_init();
    }
    return content;
  }

  /// Any word that is not content or noise names a picture; a mistyped word shows as a missing one.
  void look_at_init() const {
    try {
      static_cast<void>(look_at_picture("--init", options_.init_path));
    } catch (const UsageError& error) {
      throw UsageError(std::string(error.what()) + " (choose content, noise or a picture file)");
    }
  }

  void open_engine() {
    network_ = open_network(options_);
    runtime_ = resolve_runtime(options_.runtime);
    log_info("device " + runtime_.description);
  }

  void read_styles_and_start() {
    const int wanted_px = largest_px(passes_);
    open_styles(options_, style_long_edge_px(wanted_px, job_.style_scale), job_);
    if (job_.init.kind == InitKind::kImage) {
      job_.init.image = open_picture("--init", options_.init_path).image;
    }
    if (job_.init.kind == InitKind::kNoise) log_info("seed " + std::to_string(job_.init.seed));
  }

  void read_content(const ImageFileInfo& file, int wanted_px) {
    LoadedImage content = open_picture("--content", options_.content_path, wanted_px);
    // The proportions of the whole picture, not those of a decoder's rounded reduction.
    const Size target = size_with_long_edge(file.size, wanted_px);
    const bool is_reduced = target.width_px < file.size.width_px;
    job_.content = is_reduced ? resized(content.image, target) : std::move(content.image);
    if (is_reduced) {
      log_info(options_.content_path + " " + size_text(file.size) + " -> " + size_text(target) +
               "; --size sets it");
    }
    write_.metadata = content.metadata;
    apply_alpha_choice();
  }

  void apply_alpha_choice() {
    if (!job_.content.has_alpha()) return;
    if (options_.alpha == Alpha::kKeep && output_keeps_alpha(options_.output_path)) return;
    if (options_.alpha == Alpha::kKeep) {
      const std::string trouble = options_.content_path + " is transparent and " +
                                  options_.output_path + " cannot hold that";
      if (options_.alpha_asked) {
        throw UsageError("--alpha keep: " + trouble + "; name a .png with --output");
      }
      log_warning(trouble + ": laid on white");
    }
    job_.content = flattened(job_.content);
  }

  Result paint() {
    if (interrupt_requested()) {
      interrupted_before_painting_ = true;
      log_warning("interrupted before the first step; nothing is written");
      return {};
    }
    Reporter reporter;
    return transfer(job_, network_, runtime_, reporter);
  }

  /// No steps: the content at the wanted size, no network involved.
  Result resize() {
    Result result;
    const Size target = size_with_long_edge(job_.content.size, passes_.back().size_px);
    result.image = target == job_.content.size ? job_.content : resized(job_.content, target);
    return result;
  }

  static int exit_code(Ending ending) {
    if (ending == Ending::kStopped) return kExitInterrupted;
    if (ending != Ending::kOutOfMemory) return kExitDone;
    log_error(
        "out of memory; what is written is the last pass that fitted: lower --size or "
        "--history, or use --optimizer adam");
    return kExitFailed;
  }

  void write(const Result& result) {
    RunRecord record;
    if (!network_.path.empty()) {
      record.network_source = network_.source;
      record.network_sha256 = file_sha256(network_.path);
      record.runtime_description = runtime_.description;
      record.threads = runtime_.threads;
      record.feature_type = runtime_.feature_type == c10::kFloat ? "float32" : "bfloat16";
    }
    record.ending = result.ending;
    record.passes = result.passes;
    record.seconds = seconds_since(start_);
    write_.settings_json = settings_json(options_, record);
    write_image(result.image, options_.output_path, write_);
    log_info("wrote " + options_.output_path + ", " + size_text(result.image.size) +
             formatted(", %.1f s", seconds_since(start_)));
  }

  const StylizeOptions& options_;
  Clock::time_point start_ = Clock::now();
  Job job_;
  WriteOptions write_;
  std::vector<Pass> passes_;
  Network network_;
  Runtime runtime_;
  bool interrupted_before_painting_ = false;
};

}  // namespace

int run_command(const StylizeOptions& command) {
  set_up_log(command.verbosity);
  return Stylization(command).run();
}

}  // namespace styletransfer::cli
