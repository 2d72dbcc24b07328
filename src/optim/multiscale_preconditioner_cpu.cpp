#include "optim/multiscale_preconditioner_cpu.h"

#include <algorithm>

#include "device/cpu_dispatch.h"

namespace styletransfer::detail::cpu {
namespace {

constexpr std::int64_t kValues = 3;  // per pixel

}  // namespace

STYLETRANSFER_CPU_CLONES void four_rows(const float* const* rows, const float* weights,
                                        float* result, std::int64_t count) {
  const float* a = rows[0];
  const float* b = rows[1];
  const float* c = rows[2];
  const float* d = rows[3];
  for (std::int64_t i = 0; i < count; ++i) {
    result[i] = weights[0] * a[i] + weights[1] * b[i] + weights[2] * c[i] + weights[3] * d[i];
  }
}

STYLETRANSFER_CPU_CLONES void two_rows(const float* near, float near_weight, const float* far,
                                       float far_weight, float* result, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) result[i] = near_weight * near[i] + far_weight * far[i];
}

STYLETRANSFER_CPU_CLONES void halve_row(float* row, std::int64_t width, float* result) {
  // The edge pixel is replicated; an odd last pixel is followed by zeros instead.
  const bool has_partner = width % 2 == 0;
  float* end = row + kValues * width;
  std::copy(row, row + kValues, row - kValues);
  for (std::int64_t i = 0; i < 2 * kValues; ++i) {
    end[i] = has_partner ? end[i % kValues - kValues] : 0.0F;
  }
  for (std::int64_t pixel = 0; 2 * pixel < width; ++pixel) {
    const float* from = row + 2 * kValues * pixel;
    for (std::int64_t i = 0; i < kValues; ++i) {
      result[kValues * pixel + i] = 0.125F * (from[i - kValues] + from[i + 2 * kValues]) +
                                    0.375F * (from[i] + from[i + kValues]);
    }
  }
}

STYLETRANSFER_CPU_CLONES void add_doubled_row(float* row, std::int64_t width, const float* base,
                                              float* result) {
  const std::int64_t half = (width + 1) / 2;
  float* end = row + kValues * half;
  std::copy(row, row + kValues, row - kValues);
  std::copy(end - kValues, end, end);
  for (std::int64_t pixel = 0; pixel < width / 2; ++pixel) {
    const float* from = row + kValues * pixel;
    const std::int64_t to = 2 * kValues * pixel;
    for (std::int64_t i = 0; i < kValues; ++i) {
      result[to + i] = base[to + i] + 0.75F * from[i] + 0.25F * from[i - kValues];
      result[to + i + kValues] =
          base[to + i + kValues] + 0.75F * from[i] + 0.25F * from[i + kValues];
    }
  }
  if (width % 2 == 0) return;
  const float* last = end - kValues;
  for (std::int64_t i = 0; i < kValues; ++i) {
    const std::int64_t to = kValues * (width - 1) + i;
    result[to] = base[to] + 0.75F * last[i] + 0.25F * last[i - kValues];
  }
}

}  // namespace styletransfer::detail::cpu
