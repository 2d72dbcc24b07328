#include "styletransfer/schedule.h"

#include <algorithm>
#include <cmath>

#include "styletransfer/error.h"

namespace styletransfer {
namespace {

// Below this long side a pass has too few pixels for the deep layers to say much.
constexpr int kCoarsestPx = 181;
constexpr int kLargestPx = 32768;

void require(bool holds, const std::string& flag, const std::string& value,
             const std::string& bound) {
  if (!holds) throw UsageError(flag + " " + value + ": must be " + bound);
}

std::string text(double value) {
  std::string digits = std::to_string(value);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  return digits;
}

// The classic networks pool four times before their deepest style layer.
constexpr int kSmallestPx = 16;

void check_pass(const Pass& pass) {
  const int smallest_px = pass.iterations > 0 ? kSmallestPx : 1;
  require(pass.size_px >= smallest_px && pass.size_px <= kLargestPx, "--size",
          std::to_string(pass.size_px),
          "from " + std::to_string(smallest_px) + " to " + std::to_string(kLargestPx));
  require(pass.iterations >= 0 && pass.iterations <= 1000000, "--iterations",
          std::to_string(pass.iterations), "from 0 to 1000000");
  const auto check_weight = [](const char* flag, double value) {
    require(std::isfinite(value) && value >= 0.0, flag, text(value), "0 or more");
  };
  check_weight("--content-weight", pass.content_weight);
  check_weight("--style-weight", pass.style_weight);
  check_weight("--tv-weight", pass.tv_weight);
}

std::vector<Pass> growing(const Pass& last) {
  std::vector<Pass> passes{last};
  while (passes.front().size_px > kCoarsestPx && last.iterations > 0) {
    Pass coarser = passes.front();
    coarser.size_px = (coarser.size_px + 1) / 2;
    const double levels_down = static_cast<double>(passes.size());
    coarser.iterations =
        static_cast<int>(std::lround(last.iterations * std::pow(2.0, 0.5 * levels_down)));
    passes.insert(passes.begin(), coarser);
  }
  return passes;
}

}  // namespace

Weights default_weights(LossKind loss) {
  return loss == LossKind::kRelative ? Weights{1.0, 12.0, 20.0} : Weights{5.0, 100.0, 0.0};
}

std::vector<Pass> make_schedule(const ScheduleOptions& options, Size content) {
  if (options.passes != 0 && !options.pass_list.empty()) {
    throw UsageError("--passes and --pass exclude each other: --pass already lists the passes");
  }
  require(options.passes >= 0 && options.passes <= 1000, "--passes", std::to_string(options.passes),
          "from 1 to 1000");
  require(options.size_px >= 0, "--size", std::to_string(options.size_px),
          "from 16 to " + std::to_string(kLargestPx));
  const Weights weights = default_weights(options.loss);
  Pass base;
  base.size_px =
      options.size_px > 0 ? options.size_px : std::max(content.width_px, content.height_px);
  base.iterations = options.iterations;
  base.content_weight = options.content_weight.value_or(weights.content_weight);
  base.style_weight = options.style_weight.value_or(weights.style_weight);
  base.tv_weight = options.tv_weight.value_or(weights.tv_weight);
  if (options.size_px == 0 && base.iterations > 0 && base.size_px < kSmallestPx) {
    throw UsageError("--size content: the content picture is " + std::to_string(content.width_px) +
                     "x" + std::to_string(content.height_px) + " px; give --size " +
                     std::to_string(kSmallestPx) + " or more");
  }
  check_pass(base);
  if (!options.pass_list.empty()) {
    std::vector<Pass> passes;
    for (const PassOverrides& own : options.pass_list) {
      Pass pass;
      pass.size_px = own.size_px.value_or(base.size_px);
      pass.iterations = own.iterations.value_or(base.iterations);
      pass.content_weight = own.content_weight.value_or(base.content_weight);
      pass.style_weight = own.style_weight.value_or(base.style_weight);
      pass.tv_weight = own.tv_weight.value_or(base.tv_weight);
      check_pass(pass);
      passes.push_back(pass);
    }
    return passes;
  }
  if (options.passes > 0) return std::vector<Pass>(static_cast<size_t>(options.passes), base);
  return growing(base);
}

}  // namespace styletransfer
