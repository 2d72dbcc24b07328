#include "image/streaming_resizer.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace styletransfer {
namespace {

// Per target pixel with alpha: colors times alpha, alpha, plain colors.
constexpr int kChannelsWithAlpha = 7;
constexpr int kChannelsOpaque = 3;

}  // namespace

StreamingResizer::StreamingResizer(const PixelLayout& layout, ColorConversion& conversion,
                                   const RowGeometry& rows, Size target, int orientation)
    : has_alpha_(layout.has_alpha),
      conversion_(conversion),
      rows_(rows),
      target_(target),
      orientation_(orientation),
      reduces_(target != rows.size),
      channels_(layout.has_alpha ? kChannelsWithAlpha : kChannelsOpaque) {}

std::vector<StreamingResizer::Share> StreamingResizer::shares_of(int source, double covered,
                                                                 int target_count) const {
  const double scale = target_count / covered;
  const double begin = source * scale;
  const double end = std::min<double>(target_count, (source + 1) * scale);
  std::vector<Share> shares;
  for (int t = static_cast<int>(begin); t < end && t < target_count; ++t) {
    const double overlap = std::min(end, t + 1.0) - std::max<double>(begin, t);
    if (overlap > 0.0) shares.push_back({t, static_cast<float>(overlap)});
  }
  return shares;
}

void StreamingResizer::allocate() {
  const std::size_t pixels = static_cast<std::size_t>(target_.width_px) * target_.height_px;
  image_.size = orientation_ >= 5 ? Size{target_.height_px, target_.width_px} : target_;
  image_.rgb01.resize(pixels * 3);
  if (has_alpha_) image_.alpha01.resize(pixels);
  rgb_row_.resize(static_cast<std::size_t>(rows_.size.width_px) * 3);
  if (has_alpha_) alpha_row_.resize(rows_.size.width_px);
  if (!reduces_) return;
  narrow_row_.resize(static_cast<std::size_t>(target_.width_px) * channels_);
  sums_.assign(narrow_row_.size(), 0.0F);
  for (int x = 0; x < rows_.size.width_px; ++x) {
    column_shares_.push_back(shares_of(x, rows_.covered_width_px, target_.width_px));
  }
}

void StreamingResizer::add_row(const void* row) {
  if (source_row_ == 0) allocate();
  conversion_.convert_row(row, rows_.size.width_px, rgb_row_.data(), alpha_row_.data());
  if (!reduces_) {
    place(rgb_row_.data(), alpha_row_.data());
    ++target_row_;
  } else {
    reduce_row();
    for (const Share& share : shares_of(source_row_, rows_.covered_height_px, target_.height_px)) {
      add_to_target_row(share);
    }
  }
  ++source_row_;
}

void StreamingResizer::reduce_row() {
  std::fill(narrow_row_.begin(), narrow_row_.end(), 0.0F);
  for (int x = 0; x < rows_.size.width_px; ++x) {
    const float* color = rgb_row_.data() + static_cast<std::size_t>(x) * 3;
    for (const Share& share : column_shares_[x]) {
      float* out = narrow_row_.data() + static_cast<std::size_t>(share.target) * channels_;
      if (!has_alpha_) {
        for (int c = 0; c < 3; ++c) out[c] += share.weight * color[c];
        continue;
      }
      const float alpha_weight = share.weight * alpha_row_[x];
      for (int c = 0; c < 3; ++c) out[c] += alpha_weight * color[c];
      out[3] += alpha_weight;
      for (int c = 0; c < 3; ++c) out[4 + c] += share.weight * color[c];
    }
  }
}

void StreamingResizer::add_to_target_row(const Share& share) {
  if (share.target > target_row_) finish_target_row();
  for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += share.weight * narrow_row_[i];
}

void StreamingResizer::finish_target_row() {
  std::vector<float> rgb(static_cast<std::size_t>(target_.width_px) * 3);
  std::vector<float> alpha(has_alpha_ ? target_.width_px : 0);
  for (int x = 0; x < target_.width_px; ++x) {
    const float* sum = sums_.data() + static_cast<std::size_t>(x) * channels_;
    float* out = rgb.data() + static_cast<std::size_t>(x) * 3;
    if (!has_alpha_) {
      for (int c = 0; c < 3; ++c) out[c] = std::min(sum[c], 1.0F);
      continue;
    }
    alpha[x] = std::min(sum[3], 1.0F);
    for (int c = 0; c < 3; ++c) {
      out[c] = std::min(sum[3] > 0.0F ? sum[c] / sum[3] : sum[4 + c], 1.0F);
    }
  }
  place(rgb.data(), alpha.data());
  std::fill(sums_.begin(), sums_.end(), 0.0F);
  ++target_row_;
}

void StreamingResizer::place(const float* rgb01, const float* alpha01) {
  const std::ptrdiff_t w = target_.width_px;
  const std::ptrdiff_t h = target_.height_px;
  const std::ptrdiff_t y = target_row_;
  // Target position of the stored row's first pixel, and the step from one pixel to the next.
  const bool turned = orientation_ >= 5;
  const bool columns_flip =
      orientation_ == 2 || orientation_ == 3 || orientation_ == 7 || orientation_ == 8;
  const bool rows_flip =
      orientation_ == 3 || orientation_ == 4 || orientation_ == 6 || orientation_ == 7;
  const std::ptrdiff_t row = rows_flip ? h - 1 - y : y;
  const std::ptrdiff_t column = columns_flip ? w - 1 : 0;
  const std::ptrdiff_t unit = turned ? h : 1;
  const std::ptrdiff_t step = columns_flip ? -unit : unit;
  std::ptrdiff_t at = turned ? column * h + row : row * w + column;
  for (std::ptrdiff_t x = 0; x < w; ++x, at += step) {
    std::copy_n(rgb01 + x * 3, 3, image_.rgb01.data() + at * 3);
    if (has_alpha_) image_.alpha01[at] = alpha01[x];
  }
}

Image StreamingResizer::take() {
  if (reduces_ && target_row_ < target_.height_px) finish_target_row();
  return std::exchange(image_, {});
}

}  // namespace styletransfer
