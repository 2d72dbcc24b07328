#include "device/image_tensor.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <random>

namespace styletransfer::detail {

at::Tensor tensor_from_image(const Image& image) {
  at::Tensor tensor = at::empty({image.size.height_px, image.size.width_px, 3}, at::kFloat);
  std::copy(image.rgb01.begin(), image.rgb01.end(), tensor.data_ptr<float>());
  return tensor;
}

namespace {

/// Copies one value per pixel to a tensor [height, width].
at::Tensor plane(const std::vector<float>& values, Size size) {
  at::Tensor tensor = at::empty({size.height_px, size.width_px}, at::kFloat);
  std::copy(values.begin(), values.end(), tensor.data_ptr<float>());
  return tensor;
}

}  // namespace

at::Tensor alpha_from_image(const Image& image) {
  return image.has_alpha() ? plane(image.alpha01, image.size) : at::Tensor();
}

at::Tensor tensor_from_mask(const Mask& mask, Size size) {
  return plane(resized(mask, size).gray01, size);
}

Image fill_transparent(const Image& image) {
  Image filled = image;
  filled.alpha01.clear();
  double sums[3] = {0.0, 0.0, 0.0};
  double opacity = 0.0;
  for (size_t i = 0; i < image.alpha01.size(); ++i) {
    const double alpha = image.alpha01[i];
    opacity += alpha;
    for (size_t c = 0; c < 3; ++c) sums[c] += alpha * image.rgb01[3 * i + c];
  }
  if (opacity == 0.0) return filled;
  for (size_t i = 0; i < image.alpha01.size(); ++i) {
    if (image.alpha01[i] > 0.0F) continue;
    for (size_t c = 0; c < 3; ++c) {
      filled.rgb01[3 * i + c] = static_cast<float>(sums[c] / opacity);
    }
  }
  return filled;
}

at::Tensor with_margin(const at::Tensor& image_rgb01, int margin_px) {
  if (margin_px == 0) return image_rgb01;
  const int64_t margin = margin_px;
  return at::reflection_pad2d(image_rgb01.permute({2, 0, 1}), {margin, margin, margin, margin})
      .permute({1, 2, 0})
      .contiguous();
}

at::Tensor without_margin(const at::Tensor& image_rgb01, int margin_px) {
  return image_rgb01.narrow(0, margin_px, image_rgb01.size(0) - 2 * margin_px)
      .narrow(1, margin_px, image_rgb01.size(1) - 2 * margin_px);
}

Image image_from_tensor(const at::Tensor& image_rgb01) {
  const at::Tensor host = image_rgb01.to(at::kCPU, at::kFloat).clamp(0.0, 1.0).contiguous();
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

bool nearly_same(const Image& a, const Image& b) {
  constexpr double kFarthest = 3.0 / 255.0;
  if (a.size != b.size) return false;
  double squares = 0.0;
  for (size_t i = 0; i < a.rgb01.size(); ++i) {
    const double difference = static_cast<double>(a.rgb01[i]) - static_cast<double>(b.rgb01[i]);
    squares += difference * difference;
  }
  return squares < kFarthest * kFarthest * static_cast<double>(a.rgb01.size());
}

Image with_alpha_of(Image image, const Image& content) {
  if (content.has_alpha()) image.alpha01 = resized(content, image.size).alpha01;
  return image;
}

}  // namespace styletransfer::detail
