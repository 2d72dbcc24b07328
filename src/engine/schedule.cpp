#include "styletransfer/schedule.h"

#include <algorithm>
#include <cmath>

#include "styletransfer/error.h"

namespace styletransfer {
namespace {

// Below this long side a pass has too few pixels for the deep layers to be meaningful.
constexpr int kCoarsestPx = 181;

/// Checks the ranges. A listed pass names its values as its text has them, "size=5".
void check_pass(const Pass& pass, bool is_listed) {
  const auto check = [&](const char* field, auto value, const auto& bounds) {
    if (bounds.contain(value)) return;
    const std::string text = number_text(static_cast<double>(value));
    const std::string bound = must_be(bounds);
    if (!is_listed) throw OptionError(field, text, bound);
    throw OptionError("pass", std::string(field) + "=" + text, bound);
  };
  check("size", pass.size_px, pass.iterations > 0 ? Pass::kSize : Pass::kResizedSize);
  check("iterations", pass.iterations, Pass::kIterations);
  check(is_listed ? "content-weight" : "content_weight", pass.weights.content_weight,
        Weights::kBounds);
  check(is_listed ? "style-weight" : "style_weight", pass.weights.style_weight, Weights::kBounds);
  check(is_listed ? "tv-weight" : "tv_weight", pass.weights.tv_weight, Weights::kBounds);
}

/// Every iteration of a pass without weights would leave the image as it is.
void require_weight(const Pass& pass, const Message& where) {
  const Weights& weights = pass.weights;
  if (pass.iterations == 0) return;
  if (weights.content_weight > 0.0 || weights.style_weight > 0.0 || weights.tv_weight > 0.0) return;
  throw OptionError({"content_weight", "style_weight", "tv_weight"},
                    where + option("content_weight") + ", " + option("style_weight") + " and " +
                        option("tv_weight") +
                        " are all 0, so there is nothing to minimize; make one of them positive, "
                        "or give " +
                        option("iterations", "0") + " to only resize");
}

void check_strength(const ScheduleOptions& options) {
  if (!options.strength) return;
  require_within("strength", *options.strength, kStrengthBounds);
  if (options.loss != LossKind::kRelative) {
    throw OptionError({"strength", "loss"},
                      option("strength") + " is for " + option("loss", "relative") +
                          ": the weights of the classic loss mean something else for every image; "
                          "use " +
                          option("style_weight"));
  }
  const auto weighs = [](const PassOverrides& pass) {
    return pass.content_weight.has_value() || pass.style_weight.has_value();
  };
  if (options.content_weight || options.style_weight ||
      std::any_of(options.pass_list.begin(), options.pass_list.end(), weighs)) {
    throw OptionError({"strength", "content_weight", "style_weight"},
                      option("strength") + " sets the weights of content and style; leave it or " +
                          option("content_weight") + " and " + option("style_weight") + " out");
  }
}

void check_list(const ScheduleOptions& options) {
  if (options.passes != 0 && !options.pass_list.empty()) {
    throw OptionError({"passes", "pass"}, option("passes") + " and " + option("pass") +
                                              " exclude each other: " + option("pass") +
                                              " already lists the passes");
  }
  if (options.passes != 0) require_within("passes", options.passes, ScheduleOptions::kPasses);
  const auto max = static_cast<std::size_t>(ScheduleOptions::kPasses.max);
  if (options.pass_list.size() > max) {
    throw OptionError({"pass"}, option("pass") + " is given " +
                                    std::to_string(options.pass_list.size()) + " times: at most " +
                                    std::to_string(max) + " passes make an image");
  }
  require_within("coarse_steps", options.coarse_steps, ScheduleOptions::kCoarseSteps);
}

/// The pass from which the others are derived. Throws OptionError.
Pass base_pass(const ScheduleOptions& options, Size content) {
  if (options.size_px < 0) require_within("size", options.size_px, Pass::kSize);
  Pass base;
  base.size_px =
      options.size_px > 0 ? options.size_px : std::max(content.width_px, content.height_px);
  base.iterations = options.iterations;
  base.weights = weights_of(options);
  if (options.size_px == 0 && base.iterations > 0 && base.size_px < Pass::kSize.min) {
    throw OptionError({"size"}, option("size", "content") + ": the content image is " +
                                    std::to_string(content.width_px) + "x" +
                                    std::to_string(content.height_px) + " px; give " +
                                    option("size", std::to_string(Pass::kSize.min)) + " or more");
  }
  check_pass(base, /*is_listed=*/false);
  return base;
}

std::vector<Pass> listed(const std::vector<PassOverrides>& list, const Pass& base) {
  std::vector<Pass> passes;
  for (const PassOverrides& own : list) {
    Pass pass;
    pass.size_px = own.size_px.value_or(base.size_px);
    pass.iterations = own.iterations.value_or(base.iterations);
    pass.weights = {own.content_weight.value_or(base.weights.content_weight),
                    own.style_weight.value_or(base.weights.style_weight),
                    own.tv_weight.value_or(base.weights.tv_weight)};
    check_pass(pass, /*is_listed=*/true);
    require_weight(pass, option("pass", std::to_string(passes.size() + 1)) + ": ");
    passes.push_back(pass);
  }
  return passes;
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
  check_list(options);
  check_strength(options);
  const Pass base = base_pass(options, content);
  std::vector<Pass> passes;
  if (!options.pass_list.empty()) {
    passes = listed(options.pass_list, base);
  } else {
    require_weight(base, "");
    passes = options.passes > 0 ? std::vector<Pass>(static_cast<size_t>(options.passes), base)
                                : growing(base, options.coarse_steps);
  }
  for (Pass& pass : passes) pass.size = size_with_long_edge(content, pass.size_px);
  return passes;
}

void validate(const ScheduleOptions& options) {
  constexpr Size kAnyContent{512, 512};
  static_cast<void>(make_schedule(options, kAnyContent));
}

bool has_steps(const std::vector<Pass>& passes) {
  return std::any_of(passes.begin(), passes.end(),
                     [](const Pass& pass) { return pass.iterations > 0; });
}

bool has_steps(const ScheduleOptions& options) {
  const auto& list = options.pass_list;
  if (list.empty()) return options.iterations > 0;
  return std::any_of(list.begin(), list.end(), [&](const PassOverrides& pass) {
    return pass.iterations.value_or(options.iterations) > 0;
  });
}

}  // namespace styletransfer
