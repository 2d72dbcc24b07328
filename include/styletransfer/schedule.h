// Layer 1: a run is a list of passes. Everything that grows, repeats or continues is a list here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "styletransfer/image.h"

namespace styletransfer {

enum class LossKind { kRelative, kClassic };
enum class OptimizerKind { kLbfgs, kAdam };

/// One pass: a size, a budget and weights. It starts from the last pass's picture, kept in float.
/// It has no defaults of its own: make_schedule() makes passes from what ScheduleOptions say.
struct Pass {
  int size_px = 0;  // long side
  int iterations = 0;
  double content_weight = 0.0;
  double style_weight = 0.0;
  double tv_weight = 0.0;
};

/// What `--pass size=256,iterations=70` says of one pass; what is absent comes from the job.
struct PassOverrides {
  std::optional<int> size_px;
  std::optional<int> iterations;
  std::optional<double> content_weight;
  std::optional<double> style_weight;
  std::optional<double> tv_weight;
};

/// The weights that a job uses unless it says otherwise, by kind of loss.
struct Weights {
  double content_weight;
  double style_weight;
  double tv_weight;
};
[[nodiscard]] Weights default_weights(LossKind loss);

/// Content and style weight of the relative loss by one dial, 0 (nearly the photo) .. 100 (nearly
/// the texture). The style weighs 12 * 5^((strength - 50) / 25) times the content: each quarter of
/// the dial multiplies that by 5. Their sum is that of the default weights, whose place is 50, so
/// that smoothness keeps its part. tv_weight is the default's.
[[nodiscard]] Weights weights_of_strength(double strength);

struct ScheduleOptions {
  /// Long side of the result. 0: as the content.
  int size_px = 512;
  /// Steps of the last pass; coarser passes of the growing schedule get more (see make_schedule).
  int iterations = 40;
  /// Growing schedule: steps of each coarser pass, times those of the next finer one; 1 to 4.
  double coarse_steps = 1.4142135623730951;
  /// 0: the growing schedule. N: N passes at full size, each of `iterations` steps.
  int passes = 0;
  /// An explicit list; excludes `passes`.
  std::vector<PassOverrides> pass_list;
  LossKind loss = LossKind::kRelative;
  std::optional<double> content_weight;
  std::optional<double> style_weight;
  std::optional<double> tv_weight;
  /// Instead of content_weight and style_weight, for the relative loss only: weights_of_strength.
  std::optional<double> strength;
};

/// The weights of a pass that has none of its own.
[[nodiscard]] Weights weights_of(const ScheduleOptions& options);

/// The list of passes for a content picture of `content` pixels.
/// Growing schedule: the long side halves from the full size until it is at most 181 px (so the
/// first pass has 91 to 181 px); each coarser pass has `coarse_steps` times the steps of the next
/// finer.
/// With iterations = 0 the list is one pass of no steps.
/// Throws UsageError naming flag, value and range.
[[nodiscard]] std::vector<Pass> make_schedule(const ScheduleOptions& options, Size content);

/// Whether any pass has steps: without, the content is only resized.
[[nodiscard]] bool has_steps(const std::vector<Pass>& passes);

}  // namespace styletransfer
