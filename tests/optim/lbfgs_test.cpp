// L-BFGS against the textbook two-loop recursion on real vectors.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <iterator>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "optim/optimizer.h"
#include "support/numbers.h"

namespace styletransfer {
namespace {

double scalar_product(const at::Tensor& a, const at::Tensor& b) {
  return (a * b).sum().item<double>();
}

/// Nocedal's textbook two-loop recursion, with the same bounds on length.
class Textbook {
 public:
  Textbook(const OptimizerOptions& options, Preconditioner preconditioner)
      : options_(options), preconditioner_(std::move(preconditioner)) {}

  at::Tensor direction(const at::Tensor& gradient) {
    if (step_.defined()) add_pair(gradient);
    const double root = std::sqrt(static_cast<double>(gradient.numel()));
    at::Tensor result;
    if (pairs_.empty()) {
      const at::Tensor downhill = preconditioned(gradient);
      result = downhill * (-damping_ * options_.first_step * root / downhill.norm().item<double>());
    } else {
      result = two_loops(gradient);
      const double length = result.norm().item<double>();
      const double longest = damping_ * options_.longest_step * root;
      if (length > longest) result.mul_(longest / length);
    }
    step_ = result;
    last_gradient_ = gradient.clone();
    return result;
  }

  void restart(double damping) {
    pairs_.clear();
    step_ = at::Tensor();
    damping_ = damping;
  }

  [[nodiscard]] int dropped() const { return dropped_; }
  [[nodiscard]] int forgotten() const { return evicted_; }

 private:
  struct Pair {
    at::Tensor s;
    at::Tensor y;
  };

  [[nodiscard]] at::Tensor preconditioned(const at::Tensor& vector) const {
    if (!preconditioner_) return vector;
    at::Tensor result = at::empty_like(vector);
    preconditioner_(vector, result);
    return result;
  }

  void add_pair(const at::Tensor& gradient) {
    const at::Tensor y = gradient - last_gradient_;
    // The oldest pair is evicted for the newest step, whether or not that step is accepted.
    if (pairs_.size() == static_cast<size_t>(options_.history)) {
      pairs_.pop_front();
      ++evicted_;
    }
    const double yy = scalar_product(y, preconditioned(y));
    if (scalar_product(step_, y) > 1e-8 * step_.norm().item<double>() * std::sqrt(yy)) {
      pairs_.push_back({step_, y});
    } else {
      ++dropped_;
    }
    // Each pair added after a restart doubles the damping factor.
    if (!pairs_.empty()) damping_ = std::min(1.0, 2.0 * damping_);
  }

  [[nodiscard]] at::Tensor two_loops(const at::Tensor& gradient) const {
    at::Tensor q = gradient.clone();
    std::vector<double> alpha;
    for (auto pair = pairs_.rbegin(); pair != pairs_.rend(); ++pair) {
      alpha.push_back(scalar_product(pair->s, q) / scalar_product(pair->s, pair->y));
      q.sub_(pair->y, alpha.back());
    }
    const Pair& newest = pairs_.back();
    const double yy = scalar_product(newest.y, preconditioned(newest.y));
    q = preconditioned(q) * (options_.initial_scale * scalar_product(newest.s, newest.y) / yy);
    for (const Pair& pair : pairs_) {
      const double beta = scalar_product(pair.y, q) / scalar_product(pair.s, pair.y);
      q.add_(pair.s, alpha.back() - beta);
      alpha.pop_back();
    }
    return q.neg_();
  }

  OptimizerOptions options_;
  Preconditioner preconditioner_;
  std::deque<Pair> pairs_;
  at::Tensor step_;
  at::Tensor last_gradient_;
  double damping_ = 1.0;
  int dropped_ = 0;
  int evicted_ = 0;
};

using Gradient = std::function<at::Tensor(const at::Tensor& x)>;

/// Curvatures over two decades, with a cubic term so that no two steps see the same Hessian.
at::Tensor bent_quadratic(const at::Tensor& x) {
  const at::Tensor curvature = at::logspace(0.0, 2.0, x.numel(), 10.0, at::kDouble);
  return curvature * (x - 3.0) + 0.3 * (x - 3.0).pow(3);
}

/// Two minima per element, at -1 and 1, some steep and some flat: around the ridges between them,
/// where the path starts, the curvature is negative.
at::Tensor valleys(const at::Tensor& x) {
  const at::Tensor steepness = at::logspace(-1.0, 1.0, x.numel(), 10.0, at::kDouble);
  const at::Tensor near_ridge = x * 0.05;
  return steepness * (near_ridge.pow(3) - near_ridge);
}

/// Runs both on the same path, the textbook in float64; every step must agree. Returns the textbook
/// for its counts.
Textbook compare(const OptimizerOptions& options, const Gradient& gradient_of, int steps,
                 double allowed, int restart_at = -1,
                 at::Tensor x = random_normal({30}, 5, at::kDouble),
                 const Preconditioner& preconditioner = {}) {
  Textbook textbook(options, preconditioner);
  const auto step_rule = make_lbfgs(options, preconditioner);
  for (int step = 1; step <= steps; ++step) {
    const at::Tensor gradient = gradient_of(x.to(at::kDouble)).to(x.scalar_type());
    if (gradient.norm().item<double>() < 1e-9) break;
    if (step == restart_at) {
      textbook.restart(0.25);
      step_rule->restart(0.25);
    }
    const at::Tensor wanted = textbook.direction(gradient.to(at::kDouble));
    const at::Tensor before = x.to(at::kDouble, false, true);
    step_rule->step(x, gradient);
    const double error = (x - before - wanted).norm().item<double>() / wanted.norm().item<double>();
    EXPECT_LT(error, allowed) << "at step " << step;
    if (error >= allowed) break;
  }
  return textbook;
}

OptimizerOptions options_with_history(int history) {
  OptimizerOptions options;
  options.history = history;
  return options;
}

TEST(Lbfgs, EqualsTheTextbookRecursionWhileTheHistoryFills) {
  static_cast<void>(compare(options_with_history(100), bent_quadratic, 40, 1e-6));
}

TEST(Lbfgs, EqualsTheTextbookRecursionAfterTheHistoryIsFull) {
  for (const int history : {1, 2, 3, 7}) {
    SCOPED_TRACE(history);
    const Textbook textbook = compare(options_with_history(history), bent_quadratic, 60, 1e-6);
    EXPECT_GT(textbook.forgotten(), 2 * history);
  }
}

TEST(Lbfgs, EqualsTheTextbookRecursionWherePairsAreLeftOut) {
  for (const int history : {3, 8, 40}) {
    SCOPED_TRACE(history);
    const Textbook textbook = compare(options_with_history(history), valleys, 60, 1e-6);
    EXPECT_GT(textbook.dropped(), 3);
  }
}

TEST(Lbfgs, EqualsTheTextbookRecursionAfterARestart) {
  for (const int history : {3, 40}) {
    SCOPED_TRACE(history);
    static_cast<void>(compare(options_with_history(history), bent_quadratic, 40, 1e-6, 15));
  }
}

/// A full symmetric matrix with eigenvalues of at least one, for vectors of 30.
void mix(const at::Tensor& vector, at::Tensor& result) {
  const at::Tensor factor = random_normal({30, 30}, 11, at::kDouble);
  at::matmul_out(result, at::matmul(factor, factor.t()).add_(at::eye(30, at::kDouble)), vector);
}

TEST(Lbfgs, EqualsTheTextbookRecursionWithAPreconditioner) {
  for (const int history : {1, 3, 40}) {
    SCOPED_TRACE(history);
    static_cast<void>(compare(options_with_history(history), bent_quadratic, 30, 1e-6, 15,
                              random_normal({30}, 5, at::kDouble), mix));
  }
}

TEST(Lbfgs, WithAPreconditionerResumesFromItsStateAsIfItHadNeverStopped) {
  const OptimizerOptions options = options_with_history(3);
  const auto step_rule = make_lbfgs(options, mix);
  at::Tensor x = random_normal({30}, 5, at::kDouble);
  for (int step = 0; step < 5; ++step) step_rule->step(x, bent_quadratic(x));
  StepRuleState kept = step_rule->state();
  for (auto& [name, tensor] : kept.tensors) tensor = tensor.clone();
  at::Tensor other_x = x.clone();
  const auto other = make_lbfgs(options, mix);
  other->resume(std::move(kept), other_x);
  for (int step = 0; step < 5; ++step) {
    step_rule->step(x, bent_quadratic(x));
    other->step(other_x, bent_quadratic(other_x));
  }
  EXPECT_TRUE(at::equal(x, other_x));
}

TEST(Lbfgs, EqualsTheTextbookRecursionUnderATightBoundOnLength) {
  OptimizerOptions options = options_with_history(5);
  options.longest_step = 0.02;
  static_cast<void>(compare(options, bent_quadratic, 60, 1e-6));
}

// More than two chunks of the CPU form, the last one of an odd size.
constexpr std::int64_t kThreeChunks = 5003;

TEST(Lbfgs, EqualsTheTextbookRecursionInFloat32) {
  for (const int history : {1, 3, 6, 13}) {
    SCOPED_TRACE(history);
    OptimizerOptions options = options_with_history(history);
    options.history_bfloat16 = false;
    static_cast<void>(compare(options, bent_quadratic, 40, 1e-3, -1,
                              random_normal({kThreeChunks}, 5, at::kFloat)));
  }
}

/// Multiplies the elements by 1 to 10.
void stretch(const at::Tensor& vector, at::Tensor& result) {
  at::mul_out(result, vector, at::logspace(0.0, 1.0, vector.numel(), 10.0, vector.options()));
}

TEST(Lbfgs, EqualsTheTextbookRecursionInFloat32WithAPreconditioner) {
  OptimizerOptions options = options_with_history(6);
  options.history_bfloat16 = false;
  static_cast<void>(compare(options, bent_quadratic, 30, 1e-3, -1,
                            random_normal({kThreeChunks}, 5, at::kFloat), stretch));
}

TEST(Lbfgs, StaysNearTheTextbookRecursionWithPairsInBfloat16) {
  for (const int history : {1, 6, 13}) {
    SCOPED_TRACE(history);
    static_cast<void>(compare(options_with_history(history), bent_quadratic, 40, 0.03, -1,
                              random_normal({kThreeChunks}, 5, at::kFloat)));
  }
}

TEST(Lbfgs, TakesTheSameStepsWithAnyNumberOfThreads) {
  const int threads = at::get_num_threads();
  std::vector<at::Tensor> ends;
  for (const int count : {1, 2, 3}) {
    at::set_num_threads(count);
    const auto step_rule = make_lbfgs(options_with_history(5));
    at::Tensor x = random_normal({40 * kThreeChunks}, 5, at::kFloat);
    for (int step = 0; step < 12; ++step) {
      step_rule->step(x, bent_quadratic(x.to(at::kDouble)).to(at::kFloat));
    }
    ends.push_back(x);
  }
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(ends[0], ends[1]));
  EXPECT_TRUE(at::equal(ends[0], ends[2]));
}

TEST(Lbfgs, FirstStepGoesDownhillWithTheLengthAskedFor) {
  OptimizerOptions options;
  options.first_step = 0.37;
  const auto step_rule = make_lbfgs(options);
  const at::Tensor gradient = random_normal({50}, 6, at::kDouble) * 1e5;
  at::Tensor x = at::zeros({50}, at::kDouble);
  step_rule->step(x, gradient);
  EXPECT_NEAR(x.square().mean().sqrt().item<double>(), 0.37, 1e-12);
  EXPECT_LT(relative_error(x / x.norm(), -gradient / gradient.norm()), 1e-12);
}

TEST(Lbfgs, NoLaterStepIsLongerThanAllowed) {
  OptimizerOptions options;
  options.longest_step = 0.5;
  const auto step_rule = make_lbfgs(options);
  at::Tensor x = random_normal({30}, 7, at::kDouble) * 20.0;
  for (int step = 0; step < 50; ++step) {
    const at::Tensor before = x.clone();
    step_rule->step(x, bent_quadratic(x));
    EXPECT_LE((x - before).square().mean().sqrt().item<double>(), 0.5 * (1.0 + 1e-9));
  }
}

TEST(Lbfgs, ContinuesAfterAGradientThatWasNotFinite) {
  const auto step_rule = make_lbfgs(options_with_history(6));
  at::Tensor x = random_normal({30}, 9, at::kDouble);
  for (int step = 0; step < 4; ++step) step_rule->step(x, bent_quadratic(x));
  static_cast<void>(step_rule->observe(at::full_like(x, std::numeric_limits<double>::quiet_NaN())));
  step_rule->restart(0.25);
  for (int step = 0; step < 4; ++step) {
    step_rule->step(x, bent_quadratic(x));
    EXPECT_TRUE(x.isfinite().all().item<bool>());
  }
}

TEST(Lbfgs, ScalesTheFirstStepAfterARestartByTheDamping) {
  const auto step_rule = make_lbfgs({});
  at::Tensor x = random_normal({30}, 8, at::kDouble);
  for (int step = 0; step < 5; ++step) step_rule->step(x, bent_quadratic(x));
  step_rule->restart(0.25);
  const at::Tensor before = x.clone();
  step_rule->step(x, bent_quadratic(x));
  EXPECT_NEAR((x - before).square().mean().sqrt().item<double>(),
              0.25 * OptimizerOptions().first_step, 1e-12);
}

}  // namespace
}  // namespace styletransfer
