#include <ATen/ATen.h>

#include <cmath>
#include <utility>
#include <vector>

#include "detail/two_loop.h"
#include "styletransfer/optimizer.h"

namespace styletransfer {
namespace {

// A pair whose curvature is less than this share of |s| |y| says more about rounding than about
// the function.
constexpr double kLeastCurvature = 1e-8;

class Lbfgs : public Stepper {
 public:
  explicit Lbfgs(const OptimizerOptions& options) : options_(options) {}

  void step(at::Tensor& x, const at::Tensor& gradient) override {
    if (!basis_.defined()) allocate(x);
    if (has_previous_) learn(gradient);
    const at::Tensor direction = has_pairs() ? model_direction(gradient) : first_direction(gradient);
    x.add_(direction);
    last_step_.copy_(direction);
    last_gradient_.copy_(gradient);
    has_previous_ = true;
  }

  void restart(double caution) override {
    pairs_.clear();
    has_previous_ = false;
    caution_ = caution;
  }

 private:
  [[nodiscard]] bool has_pairs() const { return pairs_.size() > 0; }

  void allocate(const at::Tensor& x) {
    const int64_t n = x.numel();
    // Rows 0 .. m-1: steps s; rows m .. 2m-1: gradient differences y.
    basis_ = at::zeros({2 * options_.history, n}, x.options());
    last_step_ = at::empty_like(x);
    last_gradient_ = at::empty_like(x);
    pairs_ = detail::PairProducts(options_.history);
  }

  /// Takes the last step and what it did to the gradient into the history.
  void learn(const at::Tensor& gradient) {
    const int slot = pairs_.next_slot();
    const int m = options_.history;
    at::Tensor s = basis_.select(0, slot);
    at::Tensor y = basis_.select(0, m + slot);
    s.copy_(last_step_);
    at::sub_out(y, gradient, last_gradient_);
    // One pass over the history gives every product that the new pair takes part in.
    const at::Tensor columns = at::stack({s, y, gradient}, 1);
    const at::Tensor products = at::mm(basis_, columns).to(at::kCPU, at::kDouble).contiguous();
    pairs_.insert(slot, products, kLeastCurvature);
    gradient_products_ = products.select(1, 2).contiguous();
  }

  [[nodiscard]] at::Tensor first_direction(const at::Tensor& gradient) const {
    const double rms = root_mean_square(gradient);
    return gradient * (-caution_ * options_.first_step / rms);
  }

  [[nodiscard]] at::Tensor model_direction(const at::Tensor& gradient) {
    const detail::Coefficients c = pairs_.direction(gradient_products_);
    const at::Tensor weights = c.of_basis.to(basis_.device(), basis_.scalar_type());
    at::Tensor direction = at::mv(basis_.t(), weights).add_(gradient, c.of_gradient);
    const double rms = root_mean_square(direction);
    const double longest = caution_ * options_.longest_step;
    if (rms > longest) direction.mul_(longest / rms);
    return direction;
  }

  static double root_mean_square(const at::Tensor& tensor) {
    return tensor.norm().item<double>() / std::sqrt(static_cast<double>(tensor.numel()));
  }

  OptimizerOptions options_;
  at::Tensor basis_;
  at::Tensor last_step_;
  at::Tensor last_gradient_;
  at::Tensor gradient_products_;  // [2m] float64: basis times the current gradient
  detail::PairProducts pairs_{0};
  bool has_previous_ = false;
  double caution_ = 1.0;
};

}  // namespace

std::unique_ptr<Stepper> make_lbfgs(const OptimizerOptions& options) {
  return std::make_unique<Lbfgs>(options);
}

}  // namespace styletransfer
