// Color modes (Job::colors): processing before and after a run; the run itself is independent of
// them.
#pragma once

#include "styletransfer/image.h"
#include "styletransfer/job.h"
#include "styletransfer/progress.h"

namespace styletransfer::detail {

/// Prepares the job for the run. kContent and kNeutral: all images in grays, so that the network
/// compares brightness with brightness; with kContent the styles get the mean and variance of the
/// content's brightness. kContentStatistics: each style gets the content's color statistics.
/// Transparent pixels do not count in the statistics.
[[nodiscard]] Job job_with_run_colors(const Job& job);

/// Converts the run's image to the final colors and restores untouched pixels. `job`: the original
/// one, not the one from job_with_run_colors.
[[nodiscard]] Image with_final_colors(Image stylized, const Job& job);

/// Observer that forwards intermediate images in the final colors.
class FinalColors : public Observers {
 public:
  /// `asked`: the original job. Both must outlive this observer.
  FinalColors(const Job& asked, Observer& next) : asked_(asked) { add(next); }

  void on_image(const StepFinished& step, const Image& image) override;

 private:
  const Job& asked_;
};

}  // namespace styletransfer::detail
