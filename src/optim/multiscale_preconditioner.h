// Multiscale preconditioner: the initial inverse Hessian for losses of images, favoring coarse
// structure over fine.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "optim/optimizer.h"

namespace styletransfer::detail {

/// P g = g + w D^T P' D g: D halves an image with (1 3 3 1) / 8 along each side, its transpose
/// (times 4) enlarges by interpolation, P' is the same operator at half the size; three halvings in
/// all. Symmetric and positive definite. It weights the part of a gradient on which many pixels
/// agree about fifteen times as much as the part of individual pixels: ReLUs and pooling change the
/// fine part within a step, whereas the coarse part stays predictive. Similar to Sobolev gradients
/// (Neuberger 1997); a sum over scales instead of the solution of an equation. docs/experiments.md
/// has the measurements.
///
/// For gradients of images [height, width, 3], flat, [3 height width].
[[nodiscard]] Preconditioner multiscale_preconditioner(std::int64_t height, std::int64_t width);

/// Adds up the halvings, each with `weight` times the level before it. In: an image [h, w, 3] of
/// any floating type. Writes P times it into `result`, of the same shape, a separate buffer.
void add_coarse_levels(const at::Tensor& image, int halvings, double weight, at::Tensor& result);

}  // namespace styletransfer::detail
