#include "detail/pass_chain.h"

#include <algorithm>

#include "detail/picture_tensor.h"

namespace styletransfer::detail {

PassChain::PassChain(const Job& job) : job_(job) {
  if (job.content.has_alpha()) filled_ = without_clear_pixels(job.content);
}

Image PassChain::start(Size size, const Image& content) const {
  if (!picture_) return init(size, content);
  if (picture_->size == size) return *picture_;
  Image start = resized(*picture_, size);
  const Image coarse = resized(resized(this->content(), picture_->size), size);
  for (size_t i = 0; i < start.rgb01.size(); ++i) {
    start.rgb01[i] = std::clamp(start.rgb01[i] + content.rgb01[i] - coarse.rgb01[i], 0.0F, 1.0F);
  }
  return start;
}

Image PassChain::init(Size size, const Image& content) const {
  switch (job_.init.kind) {
    case InitKind::kNoise:
      return noise_image(size, job_.init.seed);
    case InitKind::kImage:
      return resized(without_clear_pixels(job_.init.image), size);
    case InitKind::kContent:
      break;
  }
  return content;
}

}  // namespace styletransfer::detail
