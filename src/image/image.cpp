#include "styletransfer/image.h"

#include <algorithm>
#include <cstdint>
#include <opencv2/imgproc.hpp>

#include "image/plane.h"

namespace styletransfer {
namespace {

cv::Mat as_matrix(const std::vector<float>& values, Size size, int channels) {
  return {size.height_px, size.width_px, CV_32FC(channels), const_cast<float*>(values.data())};
}

/// Area average along sides that shrink, bicubic along sides that grow; bicubic may overshoot.
void resize_into(const cv::Mat& from, Size size, std::vector<float>& values) {
  values.resize(static_cast<std::size_t>(size.width_px) * size.height_px * from.channels());
  cv::Mat to = as_matrix(values, size, from.channels());
  const cv::Size shrunk(std::min(from.cols, size.width_px), std::min(from.rows, size.height_px));
  if (shrunk == to.size()) {
    cv::resize(from, to, shrunk, 0, 0, cv::INTER_AREA);
  } else if (shrunk == from.size()) {
    cv::resize(from, to, to.size(), 0, 0, cv::INTER_CUBIC);
  } else {
    cv::Mat between;
    cv::resize(from, between, shrunk, 0, 0, cv::INTER_AREA);
    cv::resize(between, to, to.size(), 0, 0, cv::INTER_CUBIC);
  }
}

void keep_in_range(std::vector<float>& values) {
  for (float& value : values) value = std::clamp(value, 0.0F, 1.0F);
}

/// Colors times opacity, so that transparent pixels have no weight in an average.
std::vector<float> premultiplied(const Image& image) {
  std::vector<float> values(image.rgb01.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = image.rgb01[i] * image.alpha01[i / 3];
  }
  return values;
}

}  // namespace

Size size_with_long_edge(Size size, int long_edge_px) {
  const std::int64_t longer = std::max(size.width_px, size.height_px);
  const auto scaled = [&](std::int64_t side) {
    if (side == longer) return long_edge_px;
    const std::int64_t rounded = (2 * side * long_edge_px + longer) / (2 * longer);
    return static_cast<int>(std::max<std::int64_t>(rounded, 1));
  };
  return {scaled(size.width_px), scaled(size.height_px)};
}

Image resized(const Image& image, Size size) {
  if (size == image.size) return image;
  Image result;
  result.size = size;
  if (!image.has_alpha()) {
    resize_into(as_matrix(image.rgb01, image.size, 3), size, result.rgb01);
    keep_in_range(result.rgb01);
    return result;
  }
  // Clamped only after the division: colors overshoot as their opacity does.
  resize_into(as_matrix(image.alpha01, image.size, 1), size, result.alpha01);
  const std::vector<float> weighted = premultiplied(image);
  resize_into(as_matrix(weighted, image.size, 3), size, result.rgb01);
  std::vector<float> plain;
  resize_into(as_matrix(image.rgb01, image.size, 3), size, plain);
  // Under nearly transparent pixels the quotient is noise; use the plain color there.
  constexpr float kMinAlpha = 1.0F / 4096.0F;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const float alpha = result.alpha01[i / 3];
    result.rgb01[i] = alpha > kMinAlpha ? result.rgb01[i] / alpha : plain[i];
  }
  keep_in_range(result.rgb01);
  keep_in_range(result.alpha01);
  return result;
}

std::vector<float> resized_plane(const std::vector<float>& values01, Size from, Size to) {
  if (from == to) return values01;
  std::vector<float> values;
  resize_into(as_matrix(values01, from, 1), to, values);
  keep_in_range(values);
  return values;
}

Image flattened(const Image& image, float background01) {
  Image result;
  result.size = image.size;
  result.rgb01 = image.rgb01;
  if (!image.has_alpha()) return result;
  for (std::size_t i = 0; i < result.rgb01.size(); ++i) {
    const float alpha = image.alpha01[i / 3];
    result.rgb01[i] = result.rgb01[i] * alpha + background01 * (1.0F - alpha);
  }
  return result;
}

}  // namespace styletransfer
