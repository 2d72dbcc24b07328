#include "training/picture_pool.h"

#include <ATen/ATen.h>

#include <utility>

namespace styletransfer::detail {

at::Tensor PicturePool::exchange(const at::Tensor& picture, RandomSource& random) {
  if (std::cmp_less(pictures_.size(), capacity_)) {
    pictures_.push_back(picture);
    return picture;
  }
  if (pictures_.empty() || random.below(2) == 0) return picture;
  const std::int64_t index = random.below(static_cast<std::int64_t>(pictures_.size()));
  return std::exchange(pictures_[static_cast<std::size_t>(index)], picture);
}

void PicturePool::keep(const std::string& name, NamedTensors& tensors) const {
  if (!pictures_.empty()) tensors[name] = at::cat(pictures_);
}

void PicturePool::go_on(const std::string& name, const NamedTensors& tensors, c10::Device device) {
  pictures_.clear();
  const auto kept = tensors.find(name);
  if (kept == tensors.end()) return;
  for (const at::Tensor& picture : kept->second.to(device).split(1)) {
    pictures_.push_back(picture.clone());
  }
}

}  // namespace styletransfer::detail
