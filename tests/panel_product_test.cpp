#include "detail/panel_product.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/numbers.h"

namespace styletransfer::detail::cpu {
namespace {

at::Tensor in_slices(const at::Tensor& matrix) {
  return matrix.view({matrix.size(0), -1, kSliceColumns}).transpose(0, 1).contiguous();
}

TEST(PanelProduct, EqualsTheProductForAnyNumberOfRows) {
  const at::Tensor panel = random_normal({96, kPanelColumns}, 1, at::kFloat);
  for (int64_t rows = 1; rows <= 45; ++rows) {
    SCOPED_TRACE(rows);
    const at::Tensor left = random_normal({rows, 96}, 2, at::kFloat);
    at::Tensor product = at::empty({kPanelColumns / kSliceColumns, rows, kSliceColumns});
    multiply_panel(in_slices(left).const_data_ptr<float>(), rows, 96, panel.const_data_ptr<float>(),
                   product.data_ptr<float>(), {});
    EXPECT_LT(
        relative_error(product, in_slices(at::mm(left.to(at::kDouble), panel.to(at::kDouble)))),
        1e-6);
  }
}

TEST(PanelProduct, FetchingTheNextPanelChangesNothing) {
  constexpr int64_t kRows = 40;
  const at::Tensor panels = random_normal({2, 64, kPanelColumns}, 1, at::kFloat);
  const at::Tensor left = in_slices(random_normal({kRows, 64}, 2, at::kFloat));
  const auto product = [&](NextPanel next) {
    at::Tensor result = at::empty({kPanelColumns / kSliceColumns, kRows, kSliceColumns});
    multiply_panel(left.const_data_ptr<float>(), kRows, 64, panels.const_data_ptr<float>(),
                   result.data_ptr<float>(), next);
    return result;
  };
  EXPECT_TRUE(at::equal(product({}), product({panels[1].const_data_ptr<float>(), kBlockValues})));
}

TEST(PanelProduct, ABlockIsTransposed) {
  const at::Tensor block = random_normal({kPanelColumns, kPanelColumns}, 1, at::kFloat);
  at::Tensor transposed = at::empty_like(block);
  transpose_block(block.const_data_ptr<float>(), transposed.data_ptr<float>());
  EXPECT_TRUE(at::equal(transposed, block.t()));
}

}  // namespace
}  // namespace styletransfer::detail::cpu
