// Image pool: a history of generated images for training a discriminator, so that it does not
// forget them.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "training/random_source.h"
#include "training/script_module.h"

namespace styletransfer::detail {

/// Source: Shrivastava et al. 2017; 50 images as in Zhu et al. 2017.
class ImagePool {
 public:
  /// capacity 0: returns every image unchanged.
  explicit ImagePool(int capacity) : capacity_(capacity) {}

  /// Until the pool is full, stores each image and returns it. Afterwards, with probability 1/2,
  /// returns a stored image and stores the new one in its place.
  [[nodiscard]] at::Tensor exchange(const at::Tensor& image, RandomSource& random);

  [[nodiscard]] std::size_t size() const { return images_.size(); }

  /// Saves to a checkpoint's tensors, as one [n, 3, h, w], and restores from them.
  void save_to(const std::string& name, NamedTensors& tensors) const;
  void restore(const std::string& name, const NamedTensors& tensors, c10::Device device);

 private:
  int capacity_;
  std::vector<at::Tensor> images_;
};

}  // namespace styletransfer::detail
