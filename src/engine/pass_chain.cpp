#include "engine/pass_chain.h"

#include <algorithm>

#include "device/image_tensor.h"

namespace styletransfer::detail {

PassChain::PassChain(const Job& job) : job_(job) {
  if (job.content.has_alpha()) filled_ = fill_transparent(job.content);
}

Image PassChain::start(Size size, const Image& content) const {
  if (!image_) return init(size, content);
  if (image_->size == size) return *image_;
  Image start = resized(*image_, size);
  const Image coarse = resized(resized(this->content(), image_->size), size);
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
      return resized(fill_transparent(job_.init.image), size);
    case InitKind::kContent:
      break;
  }
  return content;
}

}  // namespace styletransfer::detail
