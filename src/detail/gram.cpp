#include "detail/gram.h"

#include <ATen/ATen.h>

namespace styletransfer::detail {
namespace {

// The library's bfloat16 product accumulates in float32 but rounds its result. Over many pieces
// those roundings average out: with n pieces the error is about 2^-9 / sqrt(n) of a piece's share.
constexpr int64_t kPiecePositions = 1024;

}  // namespace

at::Tensor gram_product(const at::Tensor& features) {
  if (features.scalar_type() != at::kBFloat16) return at::mm(features.t(), features);
  const int64_t positions = features.size(0);
  const int64_t pieces = positions / kPiecePositions;
  const int64_t even = pieces * kPiecePositions;
  at::Tensor sum = at::zeros({features.size(1), features.size(1)}, features.options().dtype(at::kFloat));
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

}  // namespace styletransfer::detail
