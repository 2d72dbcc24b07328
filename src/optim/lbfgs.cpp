#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "optim/lbfgs_history.h"
#include "optim/optimizer.h"
#include "optim/two_loop.h"

namespace styletransfer {
namespace {

// Pairs whose curvature is below this fraction of |s| |y| are rejected: they reflect rounding
// rather than the function.
constexpr double kMinCurvature = 1e-8;

class Lbfgs : public StepRule {
 public:
  Lbfgs(const OptimizerOptions& options, Preconditioner preconditioner)
      : options_(options), preconditioner_(std::move(preconditioner)), pairs_(options.history) {}

  at::Tensor observe(at::Tensor gradient) override {
    if (!history_) {
      history_.emplace(options_.history, gradient, options_.history_bfloat16);
      direction_ = at::empty_like(gradient);
    }
    now_ = {gradient, gradient};
    if (preconditioner_) {
      preconditioner_(gradient, direction_);
      now_.preconditioned = direction_;
    }
    if (slot_ < 0) return {};
    in_use_ = pairs_.slots();
    in_use_.push_back(slot_);
    return history_->remember_change(slot_, now_, last_, in_use_);
  }

  void move(at::Tensor& x, const std::vector<double>& observed) override {
    if (slot_ >= 0) add_pair(observed);
    // The last gradient is no longer needed; its memory is reused for the direction.
    if (preconditioner_) {
      direction_ = last_.preconditioned.defined() ? last_.preconditioned : at::empty_like(x);
    }
    last_ = std::exchange(now_, {});
    take_step(x);
  }

  void restart(double damping) override {
    pairs_.clear();
    if (history_) history_->forget();
    slot_ = -1;
    damping_ = damping;
  }

  [[nodiscard]] StepRuleState state() const override {
    StepRuleState state;
    state.numbers = {{"slot", slot_}, {"caution", damping_}};
    if (!history_) return state;
    const std::vector<std::int64_t> slots(pairs_.slots().begin(), pairs_.slots().end());
    state.tensors = {{"history", history_->rows()},
                     {"last_gradient", last_.gradient},
                     {"slots", at::tensor(slots, at::kLong)},
                     {"products", at::tensor(pairs_.products(), at::kDouble)}};
    return state;
  }

  void resume(StepRuleState state, const at::Tensor& x) override {
    slot_ = static_cast<int>(state.numbers.at("slot"));
    damping_ = state.numbers.at("caution");
    if (state.tensors.empty()) return;
    history_.emplace(state.tensors.at("history"), x);
    last_.gradient = state.tensors.at("last_gradient").to(x.device());
    last_.preconditioned = last_.gradient;
    if (preconditioner_) {
      last_.preconditioned = at::empty_like(x);
      preconditioner_(last_.gradient, last_.preconditioned);
    }
    direction_ = at::empty_like(x);
    const at::Tensor slots = state.tensors.at("slots");
    const at::Tensor products = state.tensors.at("products");
    const auto* first_slot = slots.const_data_ptr<std::int64_t>();
    const auto* first_product = products.const_data_ptr<double>();
    pairs_.restore({first_slot, first_slot + slots.numel()},
                   {first_product, first_product + products.numel()});
  }

 private:
  /// Adds the last step and the resulting change of the gradient to the history.
  void add_pair(const std::vector<double>& observed) {
    detail::HistoryProducts products = history_->products(observed, in_use_);
    pairs_.insert(slot_, products.with_s, products.with_y, kMinCurvature);
    if (pairs_.size() > 0) damping_ = std::min(1.0, 2.0 * damping_);
    with_gradient_ = std::move(products.with_gradient);
  }

  /// Steps along the negative gradient while the history is empty, then along the quasi-Newton
  /// direction, limited to the bound.
  void take_step(at::Tensor& x) {
    const bool has_model = pairs_.size() > 0;
    const detail::Coefficients c = has_model
                                       ? pairs_.direction(with_gradient_, options_.initial_scale)
                                       : detail::Coefficients{{}, -1.0};
    const at::Tensor squared_length =
        history_->combine(c.of_basis, c.of_gradient, last_.preconditioned, direction_);
    const double bound = damping_ * std::sqrt(static_cast<double>(direction_.numel())) *
                         (has_model ? options_.longest_step : options_.first_step);
    slot_ = pairs_.claim_slot();
    history_->take_step(slot_, direction_, {squared_length, bound, /*always_as_long=*/!has_model},
                        x);
  }

  OptimizerOptions options_;
  Preconditioner preconditioner_;
  detail::PairProducts pairs_;
  std::optional<detail::History> history_;
  detail::SearchGradient last_;
  detail::SearchGradient now_;  // set by observe(), consumed by move()
  std::vector<int> in_use_;     // slots of the pairs that were multiplied with it
  at::Tensor direction_;
  std::vector<double> with_gradient_;  // the history times the current gradient
  int slot_ = -1;                      // slot of the last step; -1: none taken
  double damping_ = 1.0;
};

}  // namespace

std::unique_ptr<StepRule> make_lbfgs(const OptimizerOptions& options,
                                     Preconditioner preconditioner) {
  return std::make_unique<Lbfgs>(options, std::move(preconditioner));
}

}  // namespace styletransfer
