// Style transfer by optimization: the main entry point. A Job goes in, a Result comes out.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "styletransfer/image.h"
#include "styletransfer/job.h"
#include "styletransfer/progress.h"
#include "styletransfer/run_report.h"

namespace styletransfer {

struct Network;
struct Runtime;

/// Result of a job: the image and the report of its run.
struct Result {
  Image image;
  RunReport report;

  /// kFinished unless the report says otherwise.
  [[nodiscard]] StopReason stop_reason() const {
    return report.stop_reason.value_or(StopReason::kFinished);
  }
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
  /// pass is finished. `from`: a checkpoint, which is used up; resumes a run of the same job as if
  /// it had never stopped; bit for bit on the CPU, with the same network, precision and number of
  /// threads.
  [[nodiscard]] Result transfer(const Job& job, Observer& observer,
                                const std::shared_ptr<Checkpoint>& from = nullptr);

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
