#include "cli/options/flag_checks.h"

#include <algorithm>
#include <filesystem>

#include "cli/options/checkpoint_flags.h"
#include "cli/options/mask_flags.h"
#include "cli/options/print_flag.h"
#include "cli/terminal/formatted.h"
#include "styletransfer/color_transfer.h"
#include "styletransfer/error.h"
#include "styletransfer/image_io.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;

void check_blend(const JobOptions& options) {
  const auto& blend = options.style_blend;
  if (blend.empty()) return;
  if (blend.size() != options.style_paths.size()) {
    throw UsageError("--style-blend has " + std::to_string(blend.size()) +
                     (blend.size() == 1 ? " share for " : " shares for ") +
                     counted(static_cast<long long>(options.style_paths.size()), "style image") +
                     "; give one for each --style");
  }
  if (std::all_of(blend.begin(), blend.end(), [](double share) { return share == 0.0; })) {
    throw UsageError("--style-blend gives every style the share 0; make one of them positive");
  }
}

/// Rejects a flag that every --pass overrides, since it would be ignored.
template <typename T>
void check_used(const StylizeOptions& options, const IsGiven& is_given, const std::string& flag,
                std::optional<T> PassOverrides::*field) {
  const auto& passes = options.job.schedule.pass_list;
  const bool overridden =
      !passes.empty() && std::all_of(passes.begin(), passes.end(),
                                     [&](const auto& pass) { return (pass.*field).has_value(); });
  if (overridden && is_given(flag)) {
    throw UsageError(flag + " has no effect: every --pass sets " + flag.substr(2) +
                     "; leave one of them out");
  }
}

/// --print sets the size of the result, which is that of the last pass.
void check_print(const StylizeOptions& options, const IsGiven& is_given) {
  if (!options.print) return;
  if (is_given("--size")) {
    throw UsageError("--print and --size both set the size of the result; leave one of them out");
  }
  const auto& passes = options.job.schedule.pass_list;
  if (!passes.empty() && passes.back().size_px) {
    throw UsageError(
        "--print sets the size of the result, and so does the last --pass; leave its "
        "size out, or --print");
  }
}

void check_passes(const StylizeOptions& options, const IsGiven& is_given) {
  if (is_given("--pass") && is_given("--passes")) {
    throw UsageError("--pass and --passes exclude each other; leave one of them out");
  }
  check_used(options, is_given, "--size", &PassOverrides::size_px);
  check_print(options, is_given);
  if (is_given("--coarse-steps") && (is_given("--pass") || is_given("--passes"))) {
    throw UsageError(
        "--coarse-steps is for the default schedule of growing passes; leave it out, or leave "
        "--pass and --passes out");
  }
  check_used(options, is_given, "--iterations", &PassOverrides::iterations);
  check_used(options, is_given, "--content-weight", &PassOverrides::content_weight);
  check_used(options, is_given, "--style-weight", &PassOverrides::style_weight);
  check_used(options, is_given, "--tv-weight", &PassOverrides::tv_weight);
}

void check_optimizer(const OptimizerOptions& optimizer, const IsGiven& is_given) {
  if (optimizer.kind == OptimizerKind::kAdam && is_given("--history")) {
    throw UsageError("--history is for --optimizer lbfgs; leave it out with adam");
  }
  if (optimizer.kind == OptimizerKind::kLbfgs && is_given("--learning-rate")) {
    throw UsageError("--learning-rate is for --optimizer adam; add that or leave it out");
  }
}

void check_quality(const StylizeOptions& options, const IsGiven& is_given) {
  if (!is_given("--quality")) return;
  if (!output_has_quality(options.output_path)) {
    throw UsageError("--quality is for JPEG and WebP, and the output is '" + options.output_path +
                     "'; leave it out or choose a .jpg or .webp file with --output");
  }
}

constexpr const char* kExample =
    "; for example: styletransfer --content photo.jpg --style painting.jpg";

void require_content(const JobOptions& options) {
  if (options.content_path.empty()) {
    throw UsageError(std::string("--content is missing") + kExample);
  }
}

void require_style(const JobOptions& options) {
  if (options.style_paths.empty()) throw UsageError(std::string("--style is missing") + kExample);
}

/// Checks everything that does not depend on the image flags.
void check_images(const JobOptions& options, const LogFlags& log) {
  check_mask_flags(options);
  check_styles(options);
  check_messages(log);
}

/// True when the schedule has an iteration, which does not depend on the image's size.
bool needs_style(const StylizeOptions& options) {
  if (only_transfers_colors(options.job.colors)) return true;
  try {
    return needs_network(options, passes_for(options, Size{512, 512}));
  } catch (const UsageError&) {
    return true;  // errors of the schedule are reported by its own check
  }
}

}  // namespace

bool needs_network(const StylizeOptions& options, const std::vector<Pass>& passes) {
  if (only_transfers_colors(options.job.colors)) return false;
  if (options.feed_forward.is_wanted()) return has_steps(passes);
  return options.job.init.kind != InitKind::kContent || has_steps(passes);
}

void check_messages(const LogFlags& log) {
  if (log.quiet && log.verbose) {
    throw UsageError("--quiet and --verbose exclude each other; leave one out");
  }
}

void check_combinations(const JobOptions& options, const LogFlags& log) {
  require_content(options);
  require_style(options);
  check_images(options, log);
}

void check_combinations(const StylizeOptions& options, const LogFlags& log) {
  require_content(options);
  if (options.style_paths.empty() && needs_style(options)) require_style(options);
  check_images(options, log);
}

void check_styles(const JobOptions& options) {
  check_blend(options);
  const LossOptions& loss = options.job.loss;
  if (loss.kind == LossKind::kClassic && loss.style_loss != StyleLossKind::kGram) {
    throw UsageError(
        "--loss classic compares Gram matrices; leave --style-loss out or use --loss relative");
  }
}

void check_combinations(const StylizeOptions& options, const IsGiven& is_given) {
  check_passes(options, is_given);
  // The library checks the ranges, which do not depend on the image.
  static_cast<void>(passes_for(options, Size{512, 512}));
  check_optimizer(options.job.optimizer, is_given);
  check_checkpoint_flags(options, is_given);
  check_quality(options, is_given);
  if (is_given("--seed") && options.job.init.kind != InitKind::kNoise) {
    throw UsageError("--seed is for --init noise; add that or leave --seed out");
  }
}

std::string default_output_path(const JobOptions& options) {
  std::string name = fs::path(options.content_path).stem().string();
  for (const std::string& style : options.style_paths)
    name += "-" + fs::path(style).stem().string();
  return name + ".png";
}

}  // namespace styletransfer::cli
