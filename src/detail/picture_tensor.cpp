#include "detail/picture_tensor.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <random>

namespace styletransfer::detail {

at::Tensor tensor_from_image(const Image& image) {
  at::Tensor tensor = at::empty({image.size.height_px, image.size.width_px, 3}, at::kFloat);
  std::copy(image.rgb01.begin(), image.rgb01.end(), tensor.data_ptr<float>());
  return tensor;
}

at::Tensor with_margin(const at::Tensor& picture_rgb01, int margin_px) {
  if (margin_px == 0) return picture_rgb01;
  const int64_t margin = margin_px;
  return at::reflection_pad2d(picture_rgb01.permute({2, 0, 1}), {margin, margin, margin, margin})
      .permute({1, 2, 0})
      .contiguous();
}

at::Tensor without_margin(const at::Tensor& picture_rgb01, int margin_px) {
  return picture_rgb01.narrow(0, margin_px, picture_rgb01.size(0) - 2 * margin_px)
      .narrow(1, margin_px, picture_rgb01.size(1) - 2 * margin_px);
}

Image image_from_tensor(const at::Tensor& picture_rgb01) {
  const at::Tensor host = picture_rgb01.to(at::kCPU, at::kFloat).clamp(0.0, 1.0).contiguous();
  Image image;
  image.size = {static_cast<int>(host.size(1)), static_cast<int>(host.size(0))};
  image.rgb01.assign(host.data_ptr<float>(), host.data_ptr<float>() + host.numel());
  return image;
}

Image noise_image(Size size, std::uint64_t seed) {
  Image image;
  image.size = size;
  image.rgb01.resize(static_cast<size_t>(size.width_px) * static_cast<size_t>(size.height_px) * 3);
  std::mt19937_64 generator(seed);
  std::normal_distribution<float> noise(0.5F, 0.05F);
  for (float& value : image.rgb01) value = std::clamp(noise(generator), 0.0F, 1.0F);
  return image;
}

Image with_alpha_of(Image picture, const Image& content) {
  if (content.has_alpha()) picture.alpha01 = resized(content, picture.size).alpha01;
  return picture;
}

}  // namespace styletransfer::detail
