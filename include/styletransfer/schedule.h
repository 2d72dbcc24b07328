// The schedule of a run: a list of passes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "styletransfer/bounds.h"
#include "styletransfer/image.h"
#include "styletransfer/loss_options.h"

namespace styletransfer {

/// One pass: a size, an iteration budget and weights. It starts from the previous pass's image,
/// passed on in float32. Has no defaults of its own: make_schedule() derives passes from
/// ScheduleOptions.
struct Pass {
  /// Long side; the classic networks pool four times before their deepest style layer.
  int size_px = 0;
  static constexpr Bounds<int> kSize{16, 32768, "pixels"};
  /// Of a pass without iterations, which only resizes.
  static constexpr Bounds<int> kResizedSize{1, 32768, "pixels"};
  /// The content at this long side.
  Size size;
  int iterations = 0;
  static constexpr Bounds<int> kIterations{0, 1000000, "iterations"};
  Weights weights{};
};

/// Settings of one listed pass; whatever is absent comes from the job.
struct PassOverrides {
  std::optional<int> size_px;
  std::optional<int> iterations;
  std::optional<double> content_weight;
  std::optional<double> style_weight;
  std::optional<double> tv_weight;
};

/// Options from which make_schedule() derives the passes.
struct ScheduleOptions {
  /// Long side of the result. 0: that of the content.
  int size_px = 512;
  /// Iterations of the last pass; coarser passes of the growing schedule get more (see
  /// make_schedule).
  int iterations = 40;
  /// Growing schedule: iterations of each coarser pass as a multiple of the next finer one's.
  double coarse_steps = 1.4142135623730951;
  static constexpr Bounds<double> kCoarseSteps{1.0, 4.0};
  /// 0: the growing schedule. N: N passes at full size, each of `iterations` iterations.
  int passes = 0;
  static constexpr Bounds<int> kPasses{1, 1000, "passes"};
  /// An explicit list; excludes `passes`.
  std::vector<PassOverrides> pass_list;
  LossKind loss = LossKind::kRelative;
  std::optional<double> content_weight;
  std::optional<double> style_weight;
  std::optional<double> tv_weight;
  /// Replaces content_weight and style_weight, relative loss only; see weights_of_strength.
  std::optional<double> strength;
};

/// Returns the weights of passes that do not override them.
[[nodiscard]] Weights weights_of(const ScheduleOptions& options);

/// Returns the list of passes for a content image of `content` pixels.
/// Growing schedule: the long side halves from the full size until it is at most 181 px (so the
/// first pass has 91 to 181 px); each coarser pass has `coarse_steps` times the iterations of the
/// next finer. With iterations = 0 the list is a single pass without iterations.
/// Throws OptionError; also for a pass with iterations whose weights
/// are all 0, which has nothing to minimize.
[[nodiscard]] std::vector<Pass> make_schedule(const ScheduleOptions& options, Size content);

/// Throws OptionError for options that make_schedule() refuses for every content.
void validate(const ScheduleOptions& options);

/// Returns true if any pass has iterations; without any, the content is only resized. The same is
/// told of options, before the content's size is known.
[[nodiscard]] bool has_steps(const std::vector<Pass>& passes);
[[nodiscard]] bool has_steps(const ScheduleOptions& options);

}  // namespace styletransfer
