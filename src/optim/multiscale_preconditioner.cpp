#include "optim/multiscale_preconditioner.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <vector>

#include "kernels/parallel_chunks.h"
#include "optim/multiscale_preconditioner_cpu.h"

namespace styletransfer::detail {
namespace {

constexpr int kHalvings = 3;
constexpr double kWeight = 2.0;
// Sides with fewer pixels are not halved.
constexpr int64_t kMinSide = 2;
constexpr int64_t kRowsPerThread = 16;
constexpr double kShare = 0.75;  // of the nearer of two pixels when enlarging

at::Tensor halved(const at::Tensor& image) {
  const int64_t height = image.size(0);
  const int64_t width = image.size(1);
  at::Tensor result = at::empty({(height + 1) / 2, (width + 1) / 2, 3}, image.options());
  const float* from = image.const_data_ptr<float>();
  float* to = result.data_ptr<float>();
  at::parallel_for(0, result.size(0), kRowsPerThread, [&](int64_t begin, int64_t end) {
    std::vector<float> room(static_cast<size_t>(3 * width + 9));
    float* row = room.data() + 3;
    for (int64_t y = begin; y < end; ++y) {
      std::array<const float*, 4> rows{};
      std::array<float, 4> weights{0.125F, 0.375F, 0.375F, 0.125F};
      for (int64_t i = 0; i < 4; ++i) {
        const int64_t at = 2 * y - 1 + i;
        rows.at(i) = from + 3 * width * std::clamp<int64_t>(at, 0, height - 1);
        // Zero padding after an odd last row, as within a row.
        if (at >= height && height % 2 == 1) weights.at(i) = 0.0F;
      }
      cpu::four_rows(rows.data(), weights.data(), row, 3 * width);
      cpu::halve_row(row, width, to + 3 * result.size(1) * y);
    }
  });
  return result;
}

/// result = image + weight * (coarse, enlarged).
void add_doubled(const at::Tensor& coarse, double weight, const at::Tensor& image,
                 at::Tensor& result) {
  const int64_t height = image.size(0);
  const int64_t width = image.size(1);
  const int64_t count = 3 * coarse.size(1);
  const float* from = coarse.const_data_ptr<float>();
  const float* base = image.const_data_ptr<float>();
  float* to = result.data_ptr<float>();
  at::parallel_for(0, height, kRowsPerThread, [&](int64_t begin, int64_t end) {
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

void add_levels_on_cpu(const at::Tensor& image, int halvings, double weight, at::Tensor& result) {
  if (halvings == 0 || std::min(image.size(0), image.size(1)) < kMinSide) {
    result.copy_(image);
    return;
  }
  const at::Tensor coarse = halved(image);
  at::Tensor with_coarser = at::empty_like(coarse);
  add_levels_on_cpu(coarse, halvings - 1, weight, with_coarser);
  add_doubled(with_coarser, weight, image, result);
}

/// (1 3 3 1) / 8 along both sides, depthwise for three channels.
at::Tensor halving_kernel(const at::TensorOptions& options) {
  const at::Tensor side = at::tensor({0.125, 0.375, 0.375, 0.125}, at::kDouble);
  return at::outer(side, side).expand({3, 1, 4, 4}).contiguous().to(options);
}

/// halved() for planes [1, 3, h, w] of any dtype and device. Not computed as the gradient of the
/// enlargement: on a GPU that would sum in nondeterministic order.
at::Tensor halved_planes(const at::Tensor& planes, const at::Tensor& kernel) {
  const int64_t odd_rows = planes.size(2) % 2;
  const int64_t odd_columns = planes.size(3) % 2;
  at::Tensor padded = at::replication_pad2d(planes, {1, 1 - odd_columns, 1, 1 - odd_rows});
  // Zero padding after an odd last row or column.
  if (odd_rows + odd_columns > 0) {
    padded = at::constant_pad_nd(padded, {0, 2 * odd_columns, 0, 2 * odd_rows});
  }
  const std::vector<int64_t> stride{2, 2};
  const std::vector<int64_t> padding{0, 0};
  const std::vector<int64_t> dilation{1, 1};
  return at::conv2d(padded, kernel, at::Tensor(), stride, padding, dilation, /*groups=*/3);
}

/// Returns the weighted coarser levels of the planes, at the planes' size; undefined if there are
/// none.
at::Tensor coarser_levels(const at::Tensor& planes, const at::Tensor& kernel, int halvings,
                          double weight) {
  if (halvings == 0 || std::min(planes.size(2), planes.size(3)) < kMinSide) return {};
  at::Tensor coarse = halved_planes(planes, kernel);
  const at::Tensor coarser = coarser_levels(coarse, kernel, halvings - 1, weight);
  if (coarser.defined()) coarse.add_(coarser, weight);
  return at::upsample_bilinear2d(coarse, {planes.size(2), planes.size(3)}, false, 2.0, 2.0);
}

void add_levels_by_library(const at::Tensor& image, const at::Tensor& kernel, int halvings,
                           double weight, at::Tensor& result) {
  const at::Tensor planes = image.permute({2, 0, 1}).unsqueeze(0).contiguous();
  const at::Tensor coarser = coarser_levels(planes, kernel, halvings, weight);
  if (!coarser.defined()) {
    result.copy_(image);
    return;
  }
  at::add_out(result, image, coarser.squeeze(0).permute({1, 2, 0}), weight);
}

}  // namespace

void add_coarse_levels(const at::Tensor& image, int halvings, double weight, at::Tensor& result) {
  if (has_cpu_form(image) && has_cpu_form(result)) {
    add_levels_on_cpu(image, halvings, weight, result);
  } else {
    add_levels_by_library(image, halving_kernel(image.options()), halvings, weight, result);
  }
}

Preconditioner multiscale_preconditioner(int64_t height, int64_t width) {
  return [height, width, kernel = at::Tensor()](const at::Tensor& gradient,
                                                at::Tensor& result) mutable {
    at::Tensor image = result.view({height, width, 3});
    const at::Tensor from = gradient.view({height, width, 3});
    if (has_cpu_form(from) && has_cpu_form(image)) {
      add_levels_on_cpu(from, kHalvings, kWeight, image);
      return;
    }
    // Created once on the device.
    if (!kernel.defined()) kernel = halving_kernel(from.options());
    add_levels_by_library(from, kernel, kHalvings, kWeight, image);
  };
}

}  // namespace styletransfer::detail
