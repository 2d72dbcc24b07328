#include "training/adversarial_losses.h"

#include <ATen/ATen.h>

namespace styletransfer::detail {

at::Tensor adversarial_loss(const at::Tensor& prediction, Verdict target) {
  return (prediction - (target == Verdict::kReal ? 1.0 : 0.0)).square().mean();
}

at::Tensor distance_loss(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().mean(); }

at::Tensor discriminator_loss(const at::Tensor& of_real, const at::Tensor& of_fake) {
  return 0.5 *
         (adversarial_loss(of_real, Verdict::kReal) + adversarial_loss(of_fake, Verdict::kFake));
}

}  // namespace styletransfer::detail
