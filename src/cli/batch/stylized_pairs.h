// Pairs painted as the main job does it: each content in the manner of the pair's style.
#pragma once

#include "cli/batch/pair_maker.h"
#include "cli/workshop.h"

namespace styletransfer::cli {

/// What the style of a pair is to its picture.
enum class PairStyle {
  kStylePicture,
  /// The job's own styles, or none, are painted with.
  kOnlyAName,
};

class StylizedPairs : public PairMaker {
 public:
  /// `shared`: what all pictures share. Both must outlive this.
  StylizedPairs(const StylizeOptions& shared, Workshop& workshop,
                PairStyle style = PairStyle::kStylePicture)
      : shared_(shared), workshop_(workshop), style_(style) {}

  [[nodiscard]] double work_of(const Pair& pair) const override;
  [[nodiscard]] std::string difference_of(const Pair& pair, const std::string& stored) override;
  void prepare(std::span<const Pair* const> planned) override;
  void begin_thread() override;
  std::optional<MadePicture> make(const Pair& pair, PictureReporter& reporter,
                                  const SourceReader& read, std::mutex& files) override;

 private:
  [[nodiscard]] StylizeOptions options_of(const Pair& pair) const;

  const StylizeOptions& shared_;
  Workshop& workshop_;
  PairStyle style_;
};

}  // namespace styletransfer::cli
