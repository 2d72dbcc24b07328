// Losses of Zhu et al. 2017, "Unpaired Image-to-Image Translation using Cycle-Consistent
// Adversarial Networks". All return zero-dimensional tensors attached to the autograd graph.
#pragma once

#include <ATen/core/Tensor.h>

namespace styletransfer::detail {

enum class Verdict { kReal, kFake };

/// Least-squares GAN loss (Mao et al. 2017): mean (prediction - target)^2, with target 1 for real,
/// 0 for fake. prediction: any shape.
[[nodiscard]] at::Tensor adversarial_loss(const at::Tensor& prediction, Verdict target);

/// Mean absolute difference of two tensors of the same shape: the cycle-consistency loss of an
/// image and its round trip, or the identity loss.
[[nodiscard]] at::Tensor distance_loss(const at::Tensor& a, const at::Tensor& b);

/// Loss of a discriminator: half of each term, so that it learns half as fast as the generators.
[[nodiscard]] at::Tensor discriminator_loss(const at::Tensor& of_real, const at::Tensor& of_fake);

}  // namespace styletransfer::detail
