// The run's pictures from pass to pass.
#pragma once

#include <memory>
#include <utility>

#include "styletransfer/transfer.h"

namespace styletransfer::detail {

class PassChain {
 public:
  /// `job` must outlive the chain.
  explicit PassChain(const Job& job);

  /// The content at a pass's size, clear pixels filled.
  [[nodiscard]] Image content_at(Size size) const { return resized(content(), size); }

  /// Start of a pass of this size: the init picture, or the last pass's picture enlarged with the
  /// content's own detail put back in, which no coarser pass can hold. `content`: content_at(size).
  [[nodiscard]] Image start(Size size, const Image& content) const;

  void finish_pass(Image picture) { picture_ = std::make_shared<Image>(std::move(picture)); }
  /// A chain that goes on with the last finished pass's picture; null for none.
  void go_on_from(std::shared_ptr<const Image> picture) { picture_ = std::move(picture); }
  /// The last finished pass's; null before.
  [[nodiscard]] const std::shared_ptr<const Image>& picture() const { return picture_; }

 private:
  [[nodiscard]] Image init(Size size, const Image& content) const;

  [[nodiscard]] const Image& content() const { return filled_.empty() ? job_.content : filled_; }

  const Job& job_;
  /// The content with its clear pixels filled; empty where there are none.
  Image filled_;
  std::shared_ptr<const Image> picture_;
};

}  // namespace styletransfer::detail
