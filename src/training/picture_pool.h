// Earlier pictures of a generator, so that its judge does not forget them.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "training/random_source.h"
#include "training/script_network.h"

namespace styletransfer::detail {

/// Source: Shrivastava et al. 2017; 50 pictures as in Zhu et al. 2017.
class PicturePool {
 public:
  /// capacity 0: every picture is handed on as it comes.
  explicit PicturePool(int capacity) : capacity_(capacity) {}

  /// Until it is full, keeps each picture and hands it on. Then, half of the time, hands on one
  /// that it has kept and keeps the new one in its place.
  [[nodiscard]] at::Tensor exchange(const at::Tensor& picture, RandomSource& random);

  [[nodiscard]] std::size_t size() const { return pictures_.size(); }

  /// Into a state's tensors, as one [n, 3, h, w], and back.
  void keep(const std::string& name, NamedTensors& tensors) const;
  void go_on(const std::string& name, const NamedTensors& tensors, c10::Device device);

 private:
  int capacity_;
  std::vector<at::Tensor> pictures_;
};

}  // namespace styletransfer::detail
