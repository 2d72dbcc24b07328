// Style transfer by optimization: the main entry point. A Job goes in, a Result comes out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "styletransfer/color_transfer.h"
#include "styletransfer/image.h"
#include "styletransfer/loss_options.h"
#include "styletransfer/mask.h"
#include "styletransfer/model.h"
#include "styletransfer/optimizer_options.h"
#include "styletransfer/pass_report.h"
#include "styletransfer/progress.h"
#include "styletransfer/runtime.h"
#include "styletransfer/schedule.h"
#include "styletransfer/stopping.h"

namespace styletransfer {

/// A style image and its share of the blend. The image is shared: several jobs may use the same
/// one, and a TransferSession recognizes it by its address.
struct Style {
  std::shared_ptr<const Image> image;
  double blend = 1.0;
  /// Size of the style image's long side relative to the pass's; larger values give larger strokes.
  double scale = 1.0;
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
  ScheduleOptions schedule;
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

/// How a run ended.
enum class Ending {
  kFinished,
  /// The observer asked for it; `image` is the best image so far. (A job's own stopping rules end
  /// in kFinished.)
  kStopped,
  /// Loss or gradient stayed non-finite after every remedy; `image` is the best image so far.
  kDiverged,
  /// Memory ran out in a later pass; `image` is the last finished pass's image.
  kOutOfMemory,
};

/// Result of a job: the image and a report of each pass.
struct Result {
  Image image;
  Ending ending = Ending::kFinished;
  std::vector<PassReport> passes;
};

/// Throws UsageError, naming field, value, bound and remedy, for anything in the job that cannot be
/// run with this network: unknown layers, images too small for them, bad blend weights.
void validate(const Job& job, const Network& network);

/// Runs jobs that share a prepared network and cached style targets. Several threads may run jobs
/// at the same time; each must call use_threads_of first.
class TransferSession {
 public:
  /// Both must outlive the session.
  TransferSession(const Network& network, const Runtime& runtime);
  ~TransferSession();
  TransferSession(const TransferSession&) = delete;
  TransferSession& operator=(const TransferSession&) = delete;

  /// Prepares the network for jobs with this loss; otherwise the first of them does that. The
  /// network's weights are not read again until a job uses other layers or another pooling.
  void prepare(const LossOptions& loss);

  /// Runs the job. Throws UsageError as validate() does, RunError when memory runs out before any
  /// pass is finished. `from`: resumes a run of the same job as if it had never stopped; bit for
  /// bit on the CPU, with the same network, precision and number of threads.
  [[nodiscard]] Result transfer(const Job& job, Observer& observer,
                                const std::shared_ptr<RunState>& from = nullptr);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Runs one job in its own session.
[[nodiscard]] Result transfer(const Job& job, const Network& network, const Runtime& runtime,
                              Observer& observer);

/// Returns the content with the colors of the blended styles, or, for Colors::kStyleChroma, with
/// their chroma and its own luma. The styles may have any size.
[[nodiscard]] Image in_style_colors(const Image& content, const std::vector<Style>& styles,
                                    Colors colors = Colors::kStyleOnly);

/// Returns the loss of a finished image, by weighted term, against the job's content and styles, at
/// the image's own size and with the weights of the job's last pass.
[[nodiscard]] std::vector<LossTerm> image_loss(const Image& image, const Job& job,
                                               const Network& network, const Runtime& runtime);

}  // namespace styletransfer
