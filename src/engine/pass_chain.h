// Multi-scale, coarse to fine: each pass starts from the last pass's image, resized, with the
// content's fine detail added.
#pragma once

#include <memory>
#include <utility>

#include "styletransfer/transfer.h"

namespace styletransfer::detail {

class PassChain {
 public:
  /// `job` must outlive the chain.
  explicit PassChain(const Job& job);

  /// The content at a pass's size, transparent pixels filled.
  [[nodiscard]] Image content_at(Size size) const { return resized(content(), size); }

  /// Start image of a pass of this size: the init image, or the last pass's image enlarged, with
  /// the content's fine detail, which no coarser pass can hold, added back. `content`:
  /// content_at(size).
  [[nodiscard]] Image start(Size size, const Image& content) const;

  void finish_pass(Image image) { image_ = std::make_shared<Image>(std::move(image)); }
  /// Resumes with the last finished pass's image; null for none.
  void resume_from(std::shared_ptr<const Image> image) { image_ = std::move(image); }
  /// The last finished pass's image; null before.
  [[nodiscard]] const std::shared_ptr<const Image>& image() const { return image_; }

 private:
  [[nodiscard]] Image init(Size size, const Image& content) const;

  [[nodiscard]] const Image& content() const { return filled_.empty() ? job_.content : filled_; }

  const Job& job_;
  /// The content with its transparent pixels filled; empty if there are none.
  Image filled_;
  std::shared_ptr<const Image> image_;
};

}  // namespace styletransfer::detail
