// Coarse before fine: what the search takes for the curvature of a loss of pictures before it has
// seen any.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "styletransfer/optimizer.h"

namespace styletransfer::detail {

/// P g = g + w D^T P' D g: D halves a picture with (1 3 3 1) / 8 along each side, its transpose
/// (times 4) enlarges by interpolation, P' is the same at half the size, three halvings in all.
/// Symmetric and positive definite. Of a gradient it takes what many pixels agree on for some
/// fifteen times as much as what each says alone: ReLUs and pooling turn the fine part over within
/// a step, the coarse part can be followed.
/// In the manner of Sobolev gradients (Neuberger 1997); a sum over scales instead of a solved
/// equation. The manual has the measurements.
///
/// For gradients of pictures [height, width, 3], flat, [3 height width].
[[nodiscard]] Preconditioner pyramid_preconditioner(std::int64_t height, std::int64_t width);

/// The halvings, each with `weight` times the level before it. In: a picture [h, w, 3] of any
/// floating type. Writes P times it into `result`, of the same shape, in memory of its own.
void add_coarse_levels(const at::Tensor& picture, int halvings, double weight, at::Tensor& result);

}  // namespace styletransfer::detail
