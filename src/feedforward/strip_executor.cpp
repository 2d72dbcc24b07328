#include "feedforward/strip_executor.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>

#include "feedforward/channel_statistics.h"

namespace styletransfer::detail {
namespace {

class StripRun {
 public:
  StripRun(const RowLayers& layers, const StripPlan& plan, const at::Tensor& input)
      : layers_(layers), plan_(plan), device_(input.device()) {
    stored_[0] = input.contiguous(at::MemoryFormat::ChannelsLast);
  }

  at::Tensor run(const std::function<void(int, int)>& tick) {
    int count = 0;
    for (const StripPass& strip_pass : plan_.passes) count += strip_count(strip_pass);
    int done = 0;
    for (const StripPass& strip_pass : plan_.passes) {
      run_pass(strip_pass, [&] { tick(++done, count); });
      for (const int value : strip_pass.freed_after) stored_.erase(value);
    }
    return stored_.at(plan_.passes.back().value);
  }

 private:
  [[nodiscard]] const Extent& extent(int value) const {
    return plan_.extents[static_cast<std::size_t>(value)];
  }

  [[nodiscard]] int strip_count(const StripPass& strip_pass) const {
    const std::int64_t height = extent(strip_pass.value).height;
    return static_cast<int>((height + strip_pass.strip_rows - 1) / strip_pass.strip_rows);
  }

  void run_pass(const StripPass& strip_pass, const std::function<void()>& tick) {
    const Extent& whole = extent(strip_pass.value);
    ChannelStatistics statistics(whole.channels);
    at::Tensor stored;
    for (std::int64_t first = 0; first < whole.height; first += strip_pass.strip_rows) {
      const Rows rows{first, std::min(first + strip_pass.strip_rows, whole.height)};
      const at::Tensor strip = computed(strip_pass.value, rows);
      if (!strip_pass.normalized.empty()) statistics.add(strip);
      if (strip_pass.is_stored) {
        if (!stored.defined()) {
          stored = at::empty({1, whole.channels, whole.height, whole.width},
                             strip.options().memory_format(at::MemoryFormat::ChannelsLast));
        }
        stored.narrow(2, rows.first, rows.count()).copy_(strip);
      }
      tick();
    }
    if (strip_pass.is_stored) stored_[strip_pass.value] = stored;
    for (const int layer : strip_pass.normalized) {
      layers_[static_cast<std::size_t>(layer)]->set_statistics(statistics.mean().to(device_),
                                                               statistics.variance().to(device_));
    }
  }

  /// Returns rows of a value, stored or computed on the fly.
  [[nodiscard]] at::Tensor rows_of(int value, Rows rows) const {
    const auto stored = stored_.find(value);
    if (stored == stored_.end()) return computed(value, rows);
    return stored->second.narrow(2, rows.first, rows.count());
  }

  [[nodiscard]] at::Tensor computed(int value, Rows rows) const {
    const RowLayer& layer = *layers_[static_cast<std::size_t>(value - 1)];
    const Extent& input = extent(layer.inputs().front());
    const Rows needed = layer.needed(rows, input);
    std::vector<at::Tensor> parts;
    for (const int source : layer.inputs()) parts.push_back(rows_of(source, needed));
    return layer.run(parts, rows, input);
  }

  const RowLayers& layers_;
  const StripPlan& plan_;
  c10::Device device_;
  std::map<int, at::Tensor> stored_;
};

}  // namespace

at::Tensor run_in_strips(const RowLayers& layers, const StripPlan& plan, const at::Tensor& input,
                         const std::function<void(int, int)>& tick) {
  return StripRun(layers, plan, input).run(tick);
}

}  // namespace styletransfer::detail
