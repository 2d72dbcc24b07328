#include "styletransfer/schedule.h"

#include <algorithm>
#include <cmath>

#include "styletransfer/error.h"

namespace styletransfer {
namespace {

// Below this long side a pass has too few pixels for the deep layers to be meaningful.
constexpr int kCoarsestPx = 181;

/// `name`: with what separates it from the value: "--size ", "--pass size=".
void require(bool holds, const std::string& name, const std::string& value,
             const std::string& bound) {
  if (!holds) throw UsageError(name + value + ": must be " + bound);
}

std::string text(double value) {
  std::string digits = std::to_string(value);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  return digits;
}

/// Checks the ranges. `before` and `after`: what stands around a key in messages, "--" and " " for
/// a flag, "--pass " and "=" for a listed pass.
void check_pass(const Pass& pass, const std::string& before, const std::string& after) {
  const auto name = [&](const char* key) { return before + key + after; };
  const int min_px = pass.iterations > 0 ? kMinPassPx : 1;
  if (pass.size_px < min_px || pass.size_px > kMaxPassPx) {
    throw UsageError(name("size") + std::to_string(pass.size_px) + ": " + size_bound_text(min_px));
  }
  require(pass.iterations >= 0 && pass.iterations <= kMaxIterations, name("iterations"),
          std::to_string(pass.iterations), "from 0 to " + std::to_string(kMaxIterations));
  const auto check_weight = [&](const char* key, double value) {
    require(std::isfinite(value) && value >= 0.0, name(key), text(value), "0 or more");
  };
  check_weight("content-weight", pass.content_weight);
  check_weight("style-weight", pass.style_weight);
  check_weight("tv-weight", pass.tv_weight);
}

/// Every iteration of a pass without weights would leave the image as it is.
void require_weight(const Pass& pass, const std::string& where) {
  if (pass.iterations == 0) return;
  if (pass.content_weight > 0.0 || pass.style_weight > 0.0 || pass.tv_weight > 0.0) return;
  throw UsageError(where +
                   "--content-weight, --style-weight and --tv-weight are all 0, so there is "
                   "nothing to minimize; make one of them positive, or give --iterations 0 to only "
                   "resize");
}

void check_strength(const ScheduleOptions& options) {
  if (!options.strength) return;
  require(*options.strength >= 0.0 && *options.strength <= 100.0, "--strength ",
          text(*options.strength), "from 0 to 100");
  if (options.loss != LossKind::kRelative) {
    throw UsageError(
        "--strength is for --loss relative: the weights of the classic loss mean "
        "something else for every image; use --style-weight");
  }
  const auto weighs = [](const PassOverrides& pass) {
    return pass.content_weight.has_value() || pass.style_weight.has_value();
  };
  if (options.content_weight || options.style_weight ||
      std::any_of(options.pass_list.begin(), options.pass_list.end(), weighs)) {
    throw UsageError(
        "--strength sets the weights of content and style; leave it or --content-weight and "
        "--style-weight out");
  }
}

/// Multi-scale schedule, coarse to fine: halves the size until the first pass is small.
std::vector<Pass> growing(const Pass& last, double coarse_steps) {
  std::vector<Pass> passes{last};
  while (passes.front().size_px > kCoarsestPx && last.iterations > 0) {
    Pass coarser = passes.front();
    coarser.size_px = (coarser.size_px + 1) / 2;
    const double levels_down = static_cast<double>(passes.size());
    coarser.iterations =
        static_cast<int>(std::lround(last.iterations * std::pow(coarse_steps, levels_down)));
    passes.insert(passes.begin(), coarser);
  }
  return passes;
}

}  // namespace

std::string size_bound_text(int min_px) {
  return "must be from " + std::to_string(min_px) + " to " + std::to_string(kMaxPassPx) + " pixels";
}

Weights default_weights(LossKind loss) {
  return loss == LossKind::kRelative ? Weights{1.0, 12.0, 20.0} : Weights{5.0, 100.0, 0.0};
}

Weights weights_of_strength(double strength) {
  constexpr double kMiddle = 50.0;
  constexpr double kQuarter = 25.0;
  // Chosen by eye: 0 shows hardly a stroke, 100 hardly the photo.
  constexpr double kFactorOfAQuarter = 5.0;
  Weights weights = default_weights(LossKind::kRelative);
  const double sum = weights.content_weight + weights.style_weight;
  const double ratio = weights.style_weight / weights.content_weight *
                       std::pow(kFactorOfAQuarter, (strength - kMiddle) / kQuarter);
  weights.content_weight = sum / (1.0 + ratio);
  weights.style_weight = sum - weights.content_weight;
  return weights;
}

Weights weights_of(const ScheduleOptions& options) {
  Weights weights = default_weights(options.loss);
  if (options.strength) weights = weights_of_strength(*options.strength);
  weights.content_weight = options.content_weight.value_or(weights.content_weight);
  weights.style_weight = options.style_weight.value_or(weights.style_weight);
  weights.tv_weight = options.tv_weight.value_or(weights.tv_weight);
  return weights;
}

std::vector<Pass> make_schedule(const ScheduleOptions& options, Size content) {
  if (options.passes != 0 && !options.pass_list.empty()) {
    throw UsageError("--passes and --pass exclude each other: --pass already lists the passes");
  }
  require(options.passes >= 0 && options.passes <= kMaxPasses, "--passes ",
          std::to_string(options.passes), "from 1 to " + std::to_string(kMaxPasses));
  if (options.pass_list.size() > kMaxPasses) {
    throw UsageError("--pass is given " + std::to_string(options.pass_list.size()) +
                     " times: at most " + std::to_string(kMaxPasses) + " passes make an image");
  }
  if (options.size_px < 0) {
    throw UsageError("--size " + std::to_string(options.size_px) + ": " + size_bound_text());
  }
  require(options.coarse_steps >= 1.0 && options.coarse_steps <= 4.0, "--coarse-steps ",
          text(options.coarse_steps), "from 1 to 4");
  check_strength(options);
  const Weights weights = weights_of(options);
  Pass base;
  base.size_px =
      options.size_px > 0 ? options.size_px : std::max(content.width_px, content.height_px);
  base.iterations = options.iterations;
  base.content_weight = weights.content_weight;
  base.style_weight = weights.style_weight;
  base.tv_weight = weights.tv_weight;
  if (options.size_px == 0 && base.iterations > 0 && base.size_px < kMinPassPx) {
    throw UsageError("--size content: the content image is " + std::to_string(content.width_px) +
                     "x" + std::to_string(content.height_px) + " px; give --size " +
                     std::to_string(kMinPassPx) + " or more");
  }
  check_pass(base, "--", " ");
  if (!options.pass_list.empty()) {
    std::vector<Pass> passes;
    for (const PassOverrides& own : options.pass_list) {
      Pass pass;
      pass.size_px = own.size_px.value_or(base.size_px);
      pass.iterations = own.iterations.value_or(base.iterations);
      pass.content_weight = own.content_weight.value_or(base.content_weight);
      pass.style_weight = own.style_weight.value_or(base.style_weight);
      pass.tv_weight = own.tv_weight.value_or(base.tv_weight);
      check_pass(pass, "--pass ", "=");
      require_weight(pass, "--pass " + std::to_string(passes.size() + 1) + ": ");
      passes.push_back(pass);
    }
    return passes;
  }
  require_weight(base, "");
  if (options.passes > 0) return std::vector<Pass>(static_cast<size_t>(options.passes), base);
  return growing(base, options.coarse_steps);
}

bool has_steps(const std::vector<Pass>& passes) {
  return std::any_of(passes.begin(), passes.end(),
                     [](const Pass& pass) { return pass.iterations > 0; });
}

}  // namespace styletransfer
