#include "styletransfer/pass.h"

#include <ATen/ATen.h>

#include "detail/pixel_map.h"

namespace styletransfer {

PassResult run_pass(Objective& objective, const at::Tensor& start_rgb01, int iterations,
                    const OptimizerOptions& optimizer,
                    const std::function<bool(const PassStep&)>& watch) {
  PassResult result;
  const at::IntArrayRef shape = start_rgb01.sizes();
  at::Tensor pixels = at::empty({start_rgb01.numel()}, start_rgb01.options());
  const at::Tensor picture = pixels.view(shape);
  const Function function = [&](const at::Tensor& free, at::Tensor& gradient) {
    detail::pixels_from_free(free, pixels);
    const Objective::Evaluation evaluation = objective.evaluate(picture);
    gradient.copy_(evaluation.gradient.flatten());
    detail::chain_to_free_(gradient, pixels);
    return evaluation.loss;
  };
  const auto on_iteration = [&](const IterationSummary& summary) {
    if (summary.iteration == 1) result.first_loss = summary.value;
    if (summary.value <= summary.best_value) result.last_terms = objective.terms();
    return watch({summary.iteration, summary.value, &objective.terms(), &picture});
  };
  MinimizeResult minimum = minimize(function, detail::free_from_pixels(start_rgb01), iterations,
                                    optimizer, on_iteration);
  detail::pixels_from_free(minimum.x, pixels);
  result.picture_rgb01 = picture;
  result.ending = minimum.ending;
  result.evaluations = minimum.evaluations;
  result.rescues = minimum.rescues;
  result.last_loss = minimum.value;
  return result;
}

}  // namespace styletransfer
