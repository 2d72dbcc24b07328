#include "detail/strip_painter.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>

#include "detail/channel_statistics.h"

namespace styletransfer::detail {
namespace {

class StripRun {
 public:
  StripRun(const RowLayers& layers, const StripPlan& plan, const at::Tensor& input)
      : layers_(layers), plan_(plan), device_(input.device()) {
    kept_[0] = input.contiguous(at::MemoryFormat::ChannelsLast);
  }

  at::Tensor run(const std::function<void(int, int)>& tick) {
    int count = 0;
    for (const Sweep& sweep : plan_.sweeps) count += strips_of(sweep);
    int done = 0;
    for (const Sweep& sweep : plan_.sweeps) {
      go_through(sweep, [&] { tick(++done, count); });
      for (const int value : sweep.dropped_after) kept_.erase(value);
    }
    return kept_.at(plan_.sweeps.back().value);
  }

 private:
  [[nodiscard]] const Extent& extent(int value) const {
    return plan_.extents[static_cast<std::size_t>(value)];
  }

  [[nodiscard]] int strips_of(const Sweep& sweep) const {
    const std::int64_t height = extent(sweep.value).height;
    return static_cast<int>((height + sweep.strip_rows - 1) / sweep.strip_rows);
  }

  void go_through(const Sweep& sweep, const std::function<void()>& tick) {
    const Extent& whole = extent(sweep.value);
    ChannelStatistics statistics(whole.channels);
    at::Tensor kept;
    for (std::int64_t first = 0; first < whole.height; first += sweep.strip_rows) {
      const Rows rows{first, std::min(first + sweep.strip_rows, whole.height)};
      const at::Tensor strip = made(sweep.value, rows);
      if (!sweep.normalized.empty()) statistics.add(strip);
      if (sweep.is_kept) {
        if (!kept.defined()) {
          kept = at::empty({1, whole.channels, whole.height, whole.width},
                           strip.options().memory_format(at::MemoryFormat::ChannelsLast));
        }
        kept.narrow(2, rows.first, rows.count()).copy_(strip);
      }
      tick();
    }
    if (sweep.is_kept) kept_[sweep.value] = kept;
    for (const int layer : sweep.normalized) {
      layers_[static_cast<std::size_t>(layer)]->set_statistics(statistics.mean().to(device_),
                                                               statistics.variance().to(device_));
    }
  }

  /// The rows of a value: kept, or made now.
  [[nodiscard]] at::Tensor rows_of(int value, Rows rows) const {
    const auto kept = kept_.find(value);
    if (kept == kept_.end()) return made(value, rows);
    return kept->second.narrow(2, rows.first, rows.count());
  }

  [[nodiscard]] at::Tensor made(int value, Rows rows) const {
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
  std::map<int, at::Tensor> kept_;
};

}  // namespace

at::Tensor run_in_strips(const RowLayers& layers, const StripPlan& plan, const at::Tensor& input,
                         const std::function<void(int, int)>& tick) {
  return StripRun(layers, plan, input).run(tick);
}

}  // namespace styletransfer::detail
