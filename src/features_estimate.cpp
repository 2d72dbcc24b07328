// What sweeps through a network take: bytes and arithmetic, without running them.
#include <algorithm>

#include "detail/stages.h"
#include "styletransfer/features.h"

namespace styletransfer {
namespace {

using detail::Stage;
using detail::Strip;

/// Rows of one stage's strips, halos included.
struct Rows {
  int64_t all = 0;
  /// Of the strips that keep their activations.
  int64_t kept = 0;
  /// Of the highest strip, and of the highest one that keeps nothing.
  int64_t most = 0;
  int64_t most_passing = 0;
  bool is_cut = false;
};

Rows rows_of(const Stage& stage, const SweepPlan& plan, size_t index, int64_t height) {
  const SweepPlan::Stage how = index < plan.stages.size() ? plan.stages[index] : SweepPlan::Stage{};
  const std::vector<Strip> strips = detail::cut_into_strips(height, how.strip_rows, stage.halo());
  Rows rows;
  rows.is_cut = strips.size() > 1;
  for (size_t i = 0; i < strips.size(); ++i) {
    const int64_t own = strips[i].outer_last - strips[i].outer_first;
    rows.all += own;
    rows.most = std::max(rows.most, own);
    if (static_cast<int64_t>(i) < how.kept_strips) {
      rows.kept += own;
    } else {
      rows.most_passing = std::max(rows.most_passing, own);
    }
  }
  return rows;
}

/// Channels of one stage, by what holds them.
struct Channels {
  int64_t in = 0;
  int64_t out = 0;
  /// Of all outputs together.
  int64_t all = 0;
  /// The most of a layer's gradient and its input's, side by side.
  int64_t two_gradients = 0;
  double multiply_adds_a_pixel = 0.0;
};

Channels channels_of(const Stage& stage, int64_t in_channels) {
  constexpr double kTaps = 9.0;
  Channels channels;
  channels.in = in_channels;
  channels.out = in_channels;
  for (const detail::Step& step : stage.steps) {
    const int64_t own = step.conv->out_channels();
    channels.all += step.conv_is_tapped ? 2 * own : own;
    channels.two_gradients = std::max(channels.two_gradients, own + channels.out);
    channels.multiply_adds_a_pixel += kTaps * static_cast<double>(own * channels.out);
    channels.out = own;
  }
  return channels;
}

}  // namespace

int64_t FeatureNetwork::sweep_bytes(int64_t height, int64_t width, const SweepPlan& plan) const {
  const auto value_bytes = static_cast<int64_t>(c10::elementSize(layers_->dtype));
  int64_t held = 0;  // stage inputs and kept activations of the stages before
  int64_t peak = 0;
  int64_t in_channels = 3;
  for (size_t i = 0; i < layers_->stages.size(); ++i) {
    const Stage& stage = layers_->stages[i];
    const Rows rows = rows_of(stage, plan, i, height);
    const Channels channels = channels_of(stage, in_channels);
    const int64_t row_bytes = width * value_bytes;
    const int64_t pooled =
        stage.has_pool() ? (height / 2) * (width / 2) * channels.out * value_bytes : 0;
    const int64_t kept = rows.kept * channels.all * row_bytes;
    const int64_t passing = rows.most_passing * channels.all * row_bytes;
    const int64_t input_gradient =
        rows.is_cut ? height * width * in_channels * (i == 0 ? 4 : value_bytes) : 0;
    const int64_t forward = held + kept + passing + pooled;
    // Upstream gradient, the strip's own two gradients, the sum over strips. Kept strips are done
    // and gone before others are computed again.
    const int64_t backward = held + std::max(kept, passing) + pooled +
                             rows.most * channels.two_gradients * row_bytes + input_gradient;
    peak = std::max({peak, forward, backward});
    held += pooled + kept;
    height /= 2;
    width /= 2;
    in_channels = channels.out;
  }
  return peak;
}

double FeatureNetwork::sweep_multiply_adds(int64_t height, int64_t width,
                                           const SweepPlan& plan) const {
  double sum = 0.0;
  int64_t in_channels = 3;
  for (size_t i = 0; i < layers_->stages.size(); ++i) {
    const Rows rows = rows_of(layers_->stages[i], plan, i, height);
    const Channels channels = channels_of(layers_->stages[i], in_channels);
    const auto walked = static_cast<double>(3 * rows.all - rows.kept);
    sum += walked * static_cast<double>(width) * channels.multiply_adds_a_pixel;
    height /= 2;
    width /= 2;
    in_channels = channels.out;
  }
  return sum;
}

}  // namespace styletransfer
