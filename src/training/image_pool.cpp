#include "training/image_pool.h"

#include <ATen/ATen.h>

#include <utility>

namespace styletransfer::detail {

at::Tensor ImagePool::exchange(const at::Tensor& image, RandomSource& random) {
  if (std::cmp_less(images_.size(), capacity_)) {
    images_.push_back(image);
    return image;
  }
  if (images_.empty() || random.below(2) == 0) return image;
  const std::int64_t index = random.below(static_cast<std::int64_t>(images_.size()));
  return std::exchange(images_[static_cast<std::size_t>(index)], image);
}

void ImagePool::save_to(const std::string& name, NamedTensors& tensors) const {
  if (!images_.empty()) tensors[name] = at::cat(images_);
}

void ImagePool::restore(const std::string& name, const NamedTensors& tensors, c10::Device device) {
  images_.clear();
  const auto kept = tensors.find(name);
  if (kept == tensors.end()) return;
  for (const at::Tensor& image : kept->second.to(device).split(1)) {
    images_.push_back(image.clone());
  }
}

}  // namespace styletransfer::detail
