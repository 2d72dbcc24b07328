// Bounded pixels by reparametrization: the optimizer works on unconstrained variables, each of
// which maps to a pixel value that rounds to 0..255.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "loss/objective.h"
#include "optim/optimizer.h"

namespace styletransfer::detail {

/// A triangle wave with rounded turns. As an unconstrained variable grows, its pixel value
/// oscillates between `low` and `high`, half an 8-bit level outside 0..1, so that pure black and
/// white are reachable and rounding on export changes nothing else. The wave is linear with slope
/// 1/20, except for the last tenth before each end, where it turns around in a parabola: gradients
/// are nearly those of an unbounded image (docs/experiments.md compares other maps). Source: bounds
/// by a periodic map, as MINUIT's sine (James, Roos 1975). Departs: linear between the turns.
///
/// In: pixels of any shape, float32 (or float64), any values. Values near or beyond the ends are
/// pulled in by `kStartMargin`, since the derivative is zero at the turns. Out: flat, [n], 0 for
/// mid-gray.
[[nodiscard]] at::Tensor unconstrained_from_pixels(const at::Tensor& pixels01);

/// In: unconstrained [n], any values. Writes the pixels [n].
void pixels_from_unconstrained(const at::Tensor& unconstrained, at::Tensor& pixels01);

/// In: the gradient [n] with respect to the pixels, at `unconstrained` [n]. Writes the gradient
/// with respect to the unconstrained variables, [n], into a separate buffer.
void gradient_to_unconstrained(const at::Tensor& d_pixels, const at::Tensor& unconstrained,
                               at::Tensor& d_unconstrained);

/// Turns a function of an image [h, w, 3] into one of unconstrained variables [3 h w]. The image of
/// every evaluation is written into `image`.
[[nodiscard]] Function unconstrained_objective(
    std::function<Objective::QueuedEvaluation(const at::Tensor&)> of_image,
    const at::Tensor& image);

}  // namespace styletransfer::detail
