#include "styletransfer/color_transfer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstddef>

#include "loss/style/gaussian_transport.h"
#include "styletransfer/image.h"

namespace styletransfer {
namespace {

constexpr double kMinVariance = 1e-4;

at::Tensor covariance_tensor(const ColorStatistics& statistics) {
  at::Tensor matrix = at::empty({3, 3}, at::kDouble);
  std::copy(statistics.covariance.begin(), statistics.covariance.end(), matrix.data_ptr<double>());
  return matrix + kMinVariance * at::eye(3, at::kDouble);
}

/// rgb -> to.mean + T (rgb - from.mean), not clamped to 0..1.
class ColorMap {
 public:
  ColorMap(const ColorStatistics& from, const ColorStatistics& to)
      : from_mean_(from.mean01),
        to_mean_(to.mean01),
        map_(detail::gaussian_transport(covariance_tensor(from),
                                        detail::symmetric_root(covariance_tensor(to)))
                 .map.contiguous()) {}

  std::array<double, 3> operator()(const float* rgb01) const {
    const double* t = map_.data_ptr<double>();
    std::array<double, 3> away{};
    for (std::size_t c = 0; c < 3; ++c) away[c] = rgb01[c] - from_mean_[c];
    std::array<double, 3> mapped{};
    for (std::size_t c = 0; c < 3; ++c) {
      mapped[c] =
          to_mean_[c] + t[3 * c] * away[0] + t[3 * c + 1] * away[1] + t[3 * c + 2] * away[2];
    }
    return mapped;
  }

 private:
  std::array<double, 3> from_mean_;
  std::array<double, 3> to_mean_;
  at::Tensor map_;
};

double luma_of(const std::array<double, 3>& rgb) {
  return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
}

/// Sums of weight, weight * c and weight * c * d over the pixels.
struct Moments {
  double weight = 0.0;
  std::array<double, 3> first{};
  std::array<double, 9> second{};

  void add(const float* rgb01, double counted) {
    weight += counted;
    for (std::size_t c = 0; c < 3; ++c) {
      first[c] += counted * rgb01[c];
      for (std::size_t d = 0; d < 3; ++d) second[3 * c + d] += counted * rgb01[c] * rgb01[d];
    }
  }

  [[nodiscard]] ColorStatistics statistics() const {
    ColorStatistics result;
    if (weight <= 0.0) return result;
    for (std::size_t c = 0; c < 3; ++c) result.mean01[c] = first[c] / weight;
    for (std::size_t c = 0; c < 3; ++c) {
      for (std::size_t d = 0; d < 3; ++d) {
        result.covariance[3 * c + d] =
            second[3 * c + d] / weight - result.mean01[c] * result.mean01[d];
      }
    }
    return result;
  }
};

}  // namespace

ColorStatistics color_statistics(const Image& image) {
  Moments all;
  const std::size_t pixels = image.rgb01.size() / 3;
  const auto width = static_cast<std::size_t>(std::max(image.size.width_px, 1));
  // Row by row, so that rounding does not grow with the image.
  for (std::size_t first = 0; first < pixels; first += width) {
    Moments row;
    for (std::size_t i = first; i < std::min(first + width, pixels); ++i) {
      const double counted = image.has_alpha() ? image.alpha01[i] : 1.0;
      if (counted > 0.0) row.add(&image.rgb01[3 * i], counted);
    }
    all.weight += row.weight;
    for (std::size_t c = 0; c < 3; ++c) all.first[c] += row.first[c];
    for (std::size_t c = 0; c < 9; ++c) all.second[c] += row.second[c];
  }
  return all.statistics();
}

ColorStatistics mixed(const std::vector<ColorStatistics>& parts,
                      const std::vector<double>& shares) {
  Moments sum;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const ColorStatistics& part = parts[i];
    sum.weight += shares[i];
    for (std::size_t c = 0; c < 3; ++c) {
      sum.first[c] += shares[i] * part.mean01[c];
      for (std::size_t d = 0; d < 3; ++d) {
        sum.second[3 * c + d] +=
            shares[i] * (part.covariance[3 * c + d] + part.mean01[c] * part.mean01[d]);
      }
    }
  }
  return sum.statistics();
}

Image match_color_statistics(const Image& image, const ColorStatistics& from,
                             const ColorStatistics& to) {
  const ColorMap map(from, to);
  Image result = image;
  for (std::size_t i = 0; i + 2 < result.rgb01.size(); i += 3) {
    const std::array<double, 3> mapped = map(&image.rgb01[i]);
    for (std::size_t c = 0; c < 3; ++c) {
      result.rgb01[i + c] = static_cast<float>(std::clamp(mapped[c], 0.0, 1.0));
    }
  }
  return result;
}

Image match_color_statistics_keeping_luma(const Image& image, const ColorStatistics& from,
                                          const ColorStatistics& to) {
  const ColorMap map(from, to);
  Image result = image;
  for (std::size_t i = 0; i + 2 < result.rgb01.size(); i += 3) {
    const std::array<double, 3> mapped = map(&image.rgb01[i]);
    const double luma = std::clamp<double>(luma01(&image.rgb01[i]), 0.0, 1.0);
    const double mapped_luma = luma_of(mapped);
    double share = 1.0;
    for (const double value : mapped) {
      const double chroma = value - mapped_luma;
      if (chroma > 0.0) share = std::min(share, (1.0 - luma) / chroma);
      if (chroma < 0.0) share = std::min(share, -luma / chroma);
    }
    for (std::size_t c = 0; c < 3; ++c) {
      const double value = luma + share * (mapped[c] - mapped_luma);
      result.rgb01[i + c] = static_cast<float>(std::clamp(value, 0.0, 1.0));
    }
  }
  return result;
}

Image to_grayscale(const Image& image) {
  Image result = image;
  for (std::size_t i = 0; i + 2 < result.rgb01.size(); i += 3) {
    const float gray = std::clamp(luma01(&image.rgb01[i]), 0.0F, 1.0F);
    std::fill_n(&result.rgb01[i], 3, gray);
  }
  return result;
}

Image with_chroma_of(const Image& image, const Image& content) {
  Image result = image;
  for (std::size_t i = 0; i + 2 < result.rgb01.size(); i += 3) {
    const float* color = &content.rgb01[i];
    const auto [min, max] = std::minmax({color[0], color[1], color[2]});
    const float wanted = luma01(&image.rgb01[i]) - luma01(color);
    const float amount = std::clamp(wanted, -min, 1.0F - max);
    for (std::size_t c = 0; c < 3; ++c) {
      result.rgb01[i + c] = std::clamp(color[c] + amount, 0.0F, 1.0F);
    }
  }
  return result;
}

}  // namespace styletransfer
