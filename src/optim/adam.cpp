#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "optim/optimizer.h"

namespace styletransfer {
namespace {

constexpr double kMomentum = 0.9;
constexpr double kSecondMoment = 0.99;
// Only prevents 0 / 0; far below any gradient that matters.
constexpr double kTiny = 1e-30;
// After a restart, each step may be longer than the last by this factor: the moments take about ten
// steps to fill.
constexpr double kTrust = 1.2;

class Adam : public StepRule {
 public:
  explicit Adam(const OptimizerOptions& options) : learning_rate_(options.learning_rate) {}

  at::Tensor observe(at::Tensor gradient) override {
    gradient_ = std::move(gradient);
    return {};
  }

  void move(at::Tensor& x, const std::vector<double>& /*observed*/) override {
    const at::Tensor gradient = std::exchange(gradient_, at::Tensor());
    if (!mean_.defined()) {
      mean_ = at::zeros_like(x);
      square_ = at::zeros_like(x);
    }
    ++count_;
    mean_.mul_(kMomentum).add_(gradient, 1.0 - kMomentum);
    square_.mul_(kSecondMoment).addcmul_(gradient, gradient, 1.0 - kSecondMoment);
    const double mean_bias = 1.0 - std::pow(kMomentum, count_);
    const double square_bias = 1.0 - std::pow(kSecondMoment, count_);
    const double rate = damping_ * learning_rate_ * std::sqrt(square_bias) / mean_bias;
    x.addcdiv_(mean_, square_.sqrt().add_(kTiny), -rate);
    damping_ = std::min(1.0, kTrust * damping_);
  }

  void restart(double damping) override {
    mean_ = at::Tensor();
    count_ = 0;
    damping_ = damping;
  }

  [[nodiscard]] StepRuleState state() const override {
    StepRuleState state;
    state.numbers = {{"count", count_}, {"caution", damping_}};
    if (mean_.defined()) state.tensors = {{"mean", mean_}, {"square", square_}};
    return state;
  }

  void resume(StepRuleState state, const at::Tensor& x) override {
    count_ = static_cast<int>(state.numbers.at("count"));
    damping_ = state.numbers.at("caution");
    if (state.tensors.empty()) return;
    mean_ = state.tensors.at("mean").to(x.device());
    square_ = state.tensors.at("square").to(x.device());
  }

 private:
  double learning_rate_;
  double damping_ = 1.0;
  int count_ = 0;
  at::Tensor gradient_;  // set by observe()
  at::Tensor mean_;
  at::Tensor square_;
};

}  // namespace

std::unique_ptr<StepRule> make_adam(const OptimizerOptions& options) {
  return std::make_unique<Adam>(options);
}

}  // namespace styletransfer
