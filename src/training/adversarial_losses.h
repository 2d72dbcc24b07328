// The terms of Zhu et al. 2017, "Unpaired Image-to-Image Translation using Cycle-Consistent
// Adversarial Networks". All are single numbers that a graph leads to.
#pragma once

#include <ATen/core/Tensor.h>

namespace styletransfer::detail {

enum class Verdict { kGenuine, kFake };

/// Least squares (Mao et al. 2017): mean (judgement - wanted)^2, wanted 1 for genuine, 0 for fake.
/// judgement: any shape.
[[nodiscard]] at::Tensor adversarial_loss(const at::Tensor& judgement, Verdict wanted);

/// Mean absolute difference of two tensors of one shape: the distance of a picture from what came
/// back of it (cycle), or of it (identity).
[[nodiscard]] at::Tensor distance_loss(const at::Tensor& a, const at::Tensor& b);

/// What a judge is trained by: half of each, so that it learns half as fast as the generators.
[[nodiscard]] at::Tensor judge_loss(const at::Tensor& of_genuine, const at::Tensor& of_fake);

}  // namespace styletransfer::detail
