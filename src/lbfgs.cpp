#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "detail/history.h"
#include "detail/two_loop.h"
#include "styletransfer/optimizer.h"

namespace styletransfer {
namespace {

// A pair whose curvature is less than this share of |s| |y| says more about rounding than about
// the function.
constexpr double kLeastCurvature = 1e-8;

class Lbfgs : public Stepper {
 public:
  explicit Lbfgs(const OptimizerOptions& options) : options_(options), pairs_(options.history) {}

  void step(at::Tensor& x, at::Tensor gradient) override {
    if (!history_) {
      const auto storage = x.scalar_type() == at::kFloat && options_.history_bfloat16
                               ? at::kBFloat16
                               : x.scalar_type();
      history_.emplace(options_.history, x, storage);
      direction_ = at::empty_like(x);
    }
    if (slot_ >= 0) learn(gradient);
    const double factor = propose(gradient);
    slot_ = pairs_.claim_slot();
    history_->take_step(slot_, direction_, factor, x);
    last_gradient_ = std::move(gradient);
  }

  void restart(double caution) override {
    pairs_.clear();
    slot_ = -1;
    caution_ = caution;
  }

  [[nodiscard]] StepperState state() const override {
    StepperState state;
    state.numbers = {{"slot", slot_}, {"caution", caution_}};
    if (!history_) return state;
    const std::vector<std::int64_t> slots(pairs_.slots().begin(), pairs_.slots().end());
    state.tensors = {{"history", history_->rows()},
                     {"last_gradient", last_gradient_},
                     {"slots", at::tensor(slots, at::kLong)},
                     {"products", at::tensor(pairs_.products(), at::kDouble)}};
    return state;
  }

  void resume(StepperState state, const at::Tensor& x) override {
    slot_ = static_cast<int>(state.numbers.at("slot"));
    caution_ = state.numbers.at("caution");
    if (state.tensors.empty()) return;
    history_.emplace(state.tensors.at("history").to(x.device()));
    last_gradient_ = state.tensors.at("last_gradient").to(x.device());
    direction_ = at::empty_like(x);
    const at::Tensor slots = state.tensors.at("slots");
    const at::Tensor products = state.tensors.at("products");
    const auto* first_slot = slots.const_data_ptr<std::int64_t>();
    const auto* first_product = products.const_data_ptr<double>();
    pairs_.restore({first_slot, first_slot + slots.numel()},
                   {first_product, first_product + products.numel()});
  }

 private:
  /// Takes the last step, and what it did to the gradient, into the history.
  void learn(const at::Tensor& gradient) {
    std::vector<int> in_use = pairs_.slots();
    in_use.push_back(slot_);
    detail::HistoryProducts products =
        history_->remember_change(slot_, gradient, last_gradient_, in_use);
    pairs_.insert(slot_, products.with_s, products.with_y, kLeastCurvature);
    if (pairs_.size() > 0) caution_ = std::min(1.0, 2.0 * caution_);
    with_gradient_ = std::move(products.with_gradient);
  }

  /// Writes the direction to go: down the gradient before anything is known, then the model's.
  /// Returns the part of it to take, so that the step is no longer than its bound.
  [[nodiscard]] double propose(const at::Tensor& gradient) {
    const bool has_model = pairs_.size() > 0;
    const detail::Coefficients c =
        has_model ? pairs_.direction(with_gradient_) : detail::Coefficients{{}, -1.0};
    const double length =
        std::sqrt(history_->combine(c.of_basis, c.of_gradient, gradient, direction_));
    const double bound = caution_ * std::sqrt(static_cast<double>(gradient.numel())) *
                         (has_model ? options_.longest_step : options_.first_step);
    return !has_model || length > bound ? bound / length : 1.0;
  }

  OptimizerOptions options_;
  detail::PairProducts pairs_;
  std::optional<detail::History> history_;
  at::Tensor last_gradient_;
  at::Tensor direction_;
  std::vector<double> with_gradient_;  // the history times the current gradient
  int slot_ = -1;                      // where the last step lies; -1: none taken
  double caution_ = 1.0;
};

}  // namespace

std::unique_ptr<Stepper> make_lbfgs(const OptimizerOptions& options) {
  return std::make_unique<Lbfgs>(options);
}

}  // namespace styletransfer
