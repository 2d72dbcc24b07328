// Layer 8: the front door. A Job goes in, a Result comes out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "styletransfer/color.h"
#include "styletransfer/image.h"
#include "styletransfer/losses.h"
#include "styletransfer/mask.h"
#include "styletransfer/memory_plan.h"
#include "styletransfer/model.h"
#include "styletransfer/optimizer.h"
#include "styletransfer/pass_report.h"
#include "styletransfer/progress.h"
#include "styletransfer/run_state.h"
#include "styletransfer/runtime.h"
#include "styletransfer/schedule.h"
#include "styletransfer/stopping.h"

namespace styletransfer {

/// A style picture and its share in the mixture. The picture is shared: many jobs may paint in the
/// manner of one, and a Studio knows it again by its address.
struct Style {
  std::shared_ptr<const Image> image;
  double blend = 1.0;
  /// The picture has its long side at this factor of the pass's; larger: larger strokes.
  double scale = 1.0;
  /// Which part of the picture is taken; null: all that is opaque.
  std::shared_ptr<const Mask> style_mask{};
  /// Where in the result the style paints; null: where no other style's mask says so.
  std::shared_ptr<const Mask> content_mask{};
};

enum class InitKind { kContent, kNoise, kImage };

struct Init {
  InitKind kind = InitKind::kContent;
  /// kNoise: same seed, same picture.
  std::uint64_t seed = 0;
  /// kImage: resized to the first pass.
  Image image;
};

/// Everything that decides a picture. Defaults here are the program's defaults.
struct Job {
  Image content;
  std::vector<Style> styles;
  Init init;
  Colors colors = Colors::kStyle;
  /// White: stays exactly as the content. Empty: everything is painted.
  Mask untouched_mask;
  /// The content weight by place: black 0, mid-grey 1, white 4 times. Empty: 1 everywhere.
  Mask content_weight_mask;
  /// Pixels of mirrored surroundings painted on every side and cut off again: the zeros that the
  /// network sees beyond the edge leave a faded frame otherwise. Unset: default_margin_px.
  std::optional<int> margin_px;
  ScheduleOptions schedule;
  /// Long side of a preview, in pixels. With the relative loss a pass more than twice as large also
  /// counts the loss of its picture reduced to at most this, so that a print looks from afar like
  /// its preview. 0: no pass does.
  int preview_px = 512;
  LossOptions loss;
  OptimizerOptions optimizer;
  StoppingOptions stopping;
  /// Most memory the process (or, on a GPU, the run) may take. 0: what is free, minus a tenth.
  std::int64_t memory_limit_bytes = 0;
  /// So many jobs run at the same time in this process: each takes its part of the memory.
  int jobs_at_once = 1;
};

/// Long side of the style pictures in a pass of this size. Read files at exactly this size: one
/// more resampling would soften the brushwork that the pass is to paint with.
[[nodiscard]] int style_long_edge_px(int pass_px, double style_scale);

/// 16 for the relative loss; 0 for the classic one, whose known look includes the frame.
[[nodiscard]] int default_margin_px(LossKind loss);

/// How a run ended.
enum class Ending {
  kFinished,
  /// The observer asked for it; `image` is the best picture so far. (A stopping rule of the job
  /// finishes the run.)
  kStopped,
  /// Loss or gradient stayed non-finite after every remedy; `image` is the best picture so far.
  kDiverged,
  /// Memory ran out in a later pass; `image` is the last finished pass's picture.
  kOutOfMemory,
};

struct Result {
  Image image;
  Ending ending = Ending::kFinished;
  std::vector<PassReport> passes;
};

/// Throws UsageError, naming field, value, bound and remedy, for anything in the job that cannot
/// be run with this network: unknown layers, pictures too small for them, bad blend weights.
void validate(const Job& job, const Network& network);

/// A place to run jobs: what they have in common, the prepared network and the targets of style
/// pictures, is computed once. Several threads may run jobs at the same time; each calls
/// use_threads_of first.
class Studio {
 public:
  /// Both must outlive the studio.
  Studio(const Network& network, const Runtime& runtime);
  ~Studio();
  Studio(const Studio&) = delete;
  Studio& operator=(const Studio&) = delete;

  /// Prepares the network for jobs with this loss, which otherwise the first of them does. The
  /// network's weights are not read again until a job has other layers or another pooling.
  void prepare(const LossOptions& loss);

  /// Runs the job. Throws UsageError as validate() does, RunError when memory runs out before any
  /// pass is finished. `from`: goes on with a run of this very job as if it had never stopped; on
  /// the CPU to the same bits, with the same network, precision and number of threads.
  [[nodiscard]] Result transfer(const Job& job, Observer& observer,
                                std::optional<RunState> from = std::nullopt);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// One job in a studio of its own.
[[nodiscard]] Result transfer(const Job& job, const Network& network, const Runtime& runtime,
                              Observer& observer);

/// The content with the colours of the styles' mixture, or, for Colors::kStyleChroma, with their
/// chroma and its own luma. Styles need no size in particular.
[[nodiscard]] Image in_style_colors(const Image& content, const std::vector<Style>& styles,
                                    Colors colors = Colors::kStyleOnly);

/// The loss, by weighted term, of a finished picture against the job's content and styles, at the
/// picture's own size, with the weights of the job's last pass.
[[nodiscard]] std::vector<LossTerm> picture_loss(const Image& picture, const Job& job,
                                                 const Network& network, const Runtime& runtime);

}  // namespace styletransfer
