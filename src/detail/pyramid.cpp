#include "detail/pyramid.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <vector>

#include "detail/pieces.h"
#include "detail/pyramid_cpu.h"

namespace styletransfer::detail {
namespace {

constexpr int kHalvings = 3;
constexpr double kWeight = 2.0;
// A side of fewer pixels is not halved.
constexpr int64_t kLeastSide = 2;
constexpr int64_t kRowsForAThread = 16;
constexpr double kShare = 0.75;  // of the nearer of two pixels when enlarging

at::Tensor halved(const at::Tensor& picture) {
  const int64_t height = picture.size(0);
  const int64_t width = picture.size(1);
  at::Tensor result = at::empty({(height + 1) / 2, (width + 1) / 2, 3}, picture.options());
  if (!has_cpu_form(picture)) {
    const at::Tensor planes = picture.permute({2, 0, 1}).unsqueeze(0).contiguous();
    const at::Tensor sums = at::upsample_bilinear2d_backward(
        planes, {height, width}, {1, 3, result.size(0), result.size(1)}, false, 2.0, 2.0);
    return result.copy_(sums.squeeze(0).permute({1, 2, 0})).mul_(0.25);
  }
  const float* from = picture.const_data_ptr<float>();
  float* to = result.data_ptr<float>();
  at::parallel_for(0, result.size(0), kRowsForAThread, [&](int64_t begin, int64_t end) {
    std::vector<float> room(static_cast<size_t>(3 * width + 9));
    float* row = room.data() + 3;
    for (int64_t y = begin; y < end; ++y) {
      std::array<const float*, 4> rows{};
      std::array<float, 4> weights{0.125F, 0.375F, 0.375F, 0.125F};
      for (int64_t i = 0; i < 4; ++i) {
        const int64_t at = 2 * y - 1 + i;
        rows.at(i) = from + 3 * width * std::clamp<int64_t>(at, 0, height - 1);
        // As along a row: beyond a last one without a partner lies nothing.
        if (at >= height && height % 2 == 1) weights.at(i) = 0.0F;
      }
      cpu::four_rows(rows.data(), weights.data(), row, 3 * width);
      cpu::halve_row(row, width, to + 3 * result.size(1) * y);
    }
  });
  return result;
}

/// result = picture + weight * coarse enlarged
void add_doubled(const at::Tensor& coarse, double weight, const at::Tensor& picture,
                 at::Tensor& result) {
  const int64_t height = picture.size(0);
  const int64_t width = picture.size(1);
  if (!has_cpu_form(picture) || !has_cpu_form(result)) {
    const at::Tensor planes = coarse.permute({2, 0, 1}).unsqueeze(0).contiguous();
    const at::Tensor enlarged =
        at::upsample_bilinear2d(planes, {height, width}, false, 2.0, 2.0).squeeze(0);
    at::add_out(result, picture, enlarged.permute({1, 2, 0}), weight);
    return;
  }
  const int64_t count = 3 * coarse.size(1);
  const float* from = coarse.const_data_ptr<float>();
  const float* base = picture.const_data_ptr<float>();
  float* to = result.data_ptr<float>();
  at::parallel_for(0, height, kRowsForAThread, [&](int64_t begin, int64_t end) {
    std::vector<float> room(static_cast<size_t>(count + 6));
    float* row = room.data() + 3;
    for (int64_t y = begin; y < end; ++y) {
      const int64_t near = y / 2;
      const int64_t far = std::clamp<int64_t>(near + (y % 2 == 0 ? -1 : 1), 0, coarse.size(0) - 1);
      cpu::two_rows(from + count * near, static_cast<float>(weight * kShare), from + count * far,
                    static_cast<float>(weight * (1.0 - kShare)), row, count);
      cpu::add_doubled_row(row, width, base + 3 * width * y, to + 3 * width * y);
    }
  });
}

}  // namespace

void add_coarse_levels(const at::Tensor& picture, int halvings, double weight, at::Tensor& result) {
  if (halvings == 0 || std::min(picture.size(0), picture.size(1)) < kLeastSide) {
    result.copy_(picture);
    return;
  }
  const at::Tensor coarse = halved(picture);
  at::Tensor with_coarser = at::empty_like(coarse);
  add_coarse_levels(coarse, halvings - 1, weight, with_coarser);
  add_doubled(with_coarser, weight, picture, result);
}

Preconditioner pyramid_preconditioner(int64_t height, int64_t width) {
  return [height, width](const at::Tensor& gradient, at::Tensor& result) {
    at::Tensor picture = result.view({height, width, 3});
    add_coarse_levels(gradient.view({height, width, 3}), kHalvings, kWeight, picture);
  };
}

}  // namespace styletransfer::detail
