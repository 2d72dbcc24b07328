// A job: everything that determines the result of a run. No tensors.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "styletransfer/bounds.h"
#include "styletransfer/color_transfer.h"
#include "styletransfer/image.h"
#include "styletransfer/loss_options.h"
#include "styletransfer/mask.h"
#include "styletransfer/optimizer_options.h"
#include "styletransfer/schedule.h"
#include "styletransfer/stopping.h"

namespace styletransfer {

/// A style image and its share of the blend. The image is shared: several jobs may use the same
/// one, and a TransferSession recognizes it by its address.
struct Style {
  std::shared_ptr<const Image> image;
  double blend = 1.0;
  static constexpr Bounds<double> kBlend{0.0};
  /// Size of the style image's long side relative to the pass's; larger values give larger strokes.
  double scale = 1.0;
  static constexpr Bounds<double> kScale{0.05, 20.0};
  /// Part of the style image that is used; null: all opaque pixels.
  std::shared_ptr<const Mask> style_mask{};
  /// Region of the result that this style applies to; null: wherever no other style's mask applies.
  std::shared_ptr<const Mask> content_mask{};
};

enum class InitKind { kContent, kNoise, kImage };

/// Start image of the first pass.
struct Init {
  InitKind kind = InitKind::kContent;
  /// kNoise: the same seed gives the same image.
  std::uint64_t seed = 0;
  /// kImage: resized to the first pass.
  Image image;
};

/// Everything that determines the result. The defaults are the program's defaults.
struct Job {
  Image content;
  std::vector<Style> styles;
  Init init;
  Colors colors = Colors::kStyle;
  /// White: stays exactly as the content. Empty: everything is stylized.
  Mask untouched_mask;
  /// Per-pixel factor of the content weight: black 0, mid-gray 1, white 4. Empty: 1 everywhere.
  Mask content_weight_mask;
  /// Pixels of reflection padding on every side, cropped afterwards. Without it, the zeros that the
  /// network sees beyond the edge leave a faded frame. Unset: default_margin_px.
  std::optional<int> margin_px;
  static constexpr Bounds<int> kMargin{0, 256, "pixels"};
  ScheduleOptions schedule;
  /// make_schedule() of `schedule` and the content's size, where it has been computed already; else
  /// empty.
  std::vector<Pass> passes;
  /// Long side of a preview, in pixels. With the relative loss, a pass more than twice as large
  /// adds the loss of its image downsampled to at most this size, so that a print viewed from afar
  /// resembles its preview. 0: never.
  int preview_px = 512;
  LossOptions loss;
  OptimizerOptions optimizer;
  StoppingOptions stopping;
  /// Most memory the process (or, on a GPU, the run) may take. 0: what is free, minus a tenth.
  std::int64_t memory_limit_bytes = 0;
  /// Number of jobs that run at the same time in this process; each takes its share of the memory.
  int jobs_at_once = 1;
};

/// Returns the long side of the style images in a pass of this size. Read files at exactly this
/// size: one more resampling would blur the brushwork.
[[nodiscard]] int style_long_edge_px(int pass_px, double style_scale);

/// Returns 16 for the relative loss; 0 for the classic one, whose typical appearance includes the
/// frame.
[[nodiscard]] int default_margin_px(LossKind loss);

}  // namespace styletransfer
