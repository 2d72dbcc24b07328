// Keeps a picture in range by construction: the optimiser works on free numbers, every one of
// which is a pixel value that rounds to 0..255.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "styletransfer/objective.h"
#include "styletransfer/optimizer.h"

namespace styletransfer::detail {

/// As a free number grows, its pixel value runs to and fro between `low` and `high`, half an 8-bit
/// level outside 0..1, so that pure black and white are reached and rounding on export changes
/// nothing else. Every slope is straight, 1/20 for each unit, but for the last tenth before each
/// end, where it turns back in a parabola: the picture moves there nearly as freely as one without
/// bounds (the manual compares it with other maps).
/// Source: bounds by a periodic map, as MINUIT's sine (James, Roos 1975). Departs: straight
/// between the turns.
///
/// In: pixels of any shape, float32 (or float64), any values. Values near or beyond the ends are
/// pulled in by `kStartMargin`, since the map is flat at its turns. Out: flat, [n], 0 for mid grey.
[[nodiscard]] at::Tensor free_from_pixels(const at::Tensor& pixels01);

/// In: free [n], any numbers. Writes the pixels [n].
void pixels_from_free(const at::Tensor& free, at::Tensor& pixels01);

/// In: the gradient [n] with respect to pixels, at `free` [n]. Writes the one with respect to
/// free, [n], in memory of its own.
void chain_to_free(const at::Tensor& of_pixels, const at::Tensor& free, at::Tensor& of_free);

/// A function of a picture [h, w, 3] as one of free numbers [3 h w]. Every evaluation's picture is
/// written into `picture`.
[[nodiscard]] Function on_free_numbers(
    std::function<Objective::QueuedEvaluation(const at::Tensor&)> of_picture,
    const at::Tensor& picture);

}  // namespace styletransfer::detail
