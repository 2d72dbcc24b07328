// Pairs stylized like the main command does: each content image in the style of the pair's style
// image.
#pragma once

#include "cli/commands/batch/batch_item.h"
#include "cli/inputs/shared_resources.h"

namespace styletransfer::cli {

class StylizedItems : public ItemStylizer {
 public:
  /// What the second image of a pair is: the style, or, for `apply`, the network after which the
  /// result is named.
  enum class Second { kStyle, kNetwork };

  /// `shared`: options common to all images. Both arguments must outlive this.
  StylizedItems(const StylizeOptions& shared, SharedResources& resources, Second second)
      : shared_(shared), resources_(resources), second_(second) {}

  [[nodiscard]] double work_of(const Pair& pair) const override;
  [[nodiscard]] std::string shown_name(const SourceImage& source, const Pair& pair) const override;
  [[nodiscard]] std::string difference_of(const Pair& pair, const std::string& stored) override;
  void prepare(std::span<const Pair* const> planned) override;
  [[nodiscard]] int threads_each() const override;
  void begin_thread() override;
  std::optional<StylizedItem> make(const Pair& pair, ImageReporter& reporter,
                                   const SourceReader& read, std::mutex& files) override;

 private:
  [[nodiscard]] StylizeOptions options_of(const Pair& pair) const;

  const StylizeOptions& shared_;
  SharedResources& resources_;
  Second second_;
};

}  // namespace styletransfer::cli
