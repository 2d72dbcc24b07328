// The schedule of a run: a list of passes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "styletransfer/image.h"
#include "styletransfer/loss_options.h"

namespace styletransfer {

/// One pass: a size, an iteration budget and weights. It starts from the previous pass's image,
/// passed on in float32. Has no defaults of its own: make_schedule() derives passes from
/// ScheduleOptions.
struct Pass {
  int size_px = 0;  // long side
  int iterations = 0;
  double content_weight = 0.0;
  double style_weight = 0.0;
  double tv_weight = 0.0;
};

/// Settings that `--pass size=256,iterations=70` gives one pass; whatever is absent comes from the
/// job.
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
  /// Growing schedule: iterations of each coarser pass as a multiple of the next finer one's; 1 to
  /// 4.
  double coarse_steps = 1.4142135623730951;
  /// 0: the growing schedule. N: N passes at full size, each of `iterations` iterations.
  int passes = 0;
  /// An explicit list; excludes `passes`.
  std::vector<PassOverrides> pass_list;
  LossKind loss = LossKind::kRelative;
  std::optional<double> content_weight;
  std::optional<double> style_weight;
  std::optional<double> tv_weight;
  /// Replaces content_weight and style_weight, relative loss only; see weights_of_strength.
  std::optional<double> strength;
};

/// Bounds of a schedule. The long side: the classic networks pool four times before their deepest
/// style layer; a pass without iterations only resizes and may be smaller.
inline constexpr int kMinPassPx = 16;
inline constexpr int kMaxPassPx = 32768;
inline constexpr int kMaxIterations = 1000000;
inline constexpr int kMaxPasses = 1000;

/// Returns the bound of --size as every message words it: "must be from 16 to 32768 pixels".
[[nodiscard]] std::string size_bound_text(int min_px = kMinPassPx);

/// Returns the weights of passes that do not override them.
[[nodiscard]] Weights weights_of(const ScheduleOptions& options);

/// Returns the list of passes for a content image of `content` pixels.
/// Growing schedule: the long side halves from the full size until it is at most 181 px (so the
/// first pass has 91 to 181 px); each coarser pass has `coarse_steps` times the iterations of the
/// next finer. With iterations = 0 the list is a single pass without iterations.
/// Throws UsageError naming flag, value and range; also for a pass with iterations whose weights
/// are all 0, which has nothing to minimize.
[[nodiscard]] std::vector<Pass> make_schedule(const ScheduleOptions& options, Size content);

/// Returns true if any pass has iterations; without any, the content is only resized.
[[nodiscard]] bool has_steps(const std::vector<Pass>& passes);

}  // namespace styletransfer
