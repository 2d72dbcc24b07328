#include "detail/gram.h"

#include <ATen/ATen.h>

#include "detail/gram_tiles.h"
#include "detail/kernels.h"

namespace styletransfer::detail {
namespace {

// The library's bfloat16 product accumulates in float32 but rounds its result. Over many pieces
// those roundings average out: with n pieces the error is about 2^-9 / sqrt(n) of a piece's share.
constexpr int64_t kPiecePositions = 1024;

at::Tensor product_in_pieces(const at::Tensor& features) {
  const int64_t positions = features.size(0);
  const int64_t channels = features.size(1);
  const int64_t pieces = positions / kPiecePositions;
  const int64_t even = pieces * kPiecePositions;
  at::Tensor sum = at::zeros({channels, channels}, features.options().dtype(at::kFloat));
  if (pieces > 0) {
    const at::Tensor stacked = features.narrow(0, 0, even).view({pieces, kPiecePositions, -1});
    sum.add_(at::bmm(stacked.transpose(1, 2), stacked).sum(0, false, at::kFloat));
  }
  if (even < positions) {
    const at::Tensor rest = features.narrow(0, even, positions - even);
    sum.add_(at::mm(rest.t(), rest));
  }
  return sum;
}

}  // namespace

at::Tensor gram_product(const at::Tensor& features) {
  if (features.scalar_type() != at::kBFloat16) return at::mm(features.t(), features);
  return gram_tiles_usable(features) ? gram_product_on_tiles(features)
                                     : product_in_pieces(features);
}

void add_gram_gradient_(at::Tensor& gradient, const at::Tensor& features, const at::Tensor& factor,
                        bool through_relu) {
  if (gram_tiles_usable(features) && gradient.is_contiguous()) {
    add_gram_gradient_on_tiles_(gradient, features, factor, through_relu);
    return;
  }
  gradient.addmm_(features, factor);
  if (through_relu) relu_backward_(gradient, features);
}

}  // namespace styletransfer::detail
