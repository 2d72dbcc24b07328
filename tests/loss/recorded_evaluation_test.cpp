#include "loss/recorded_evaluation.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "styletransfer/progress.h"
#include "support/numbers.h"
#include "support/tiny_network.h"
#include "vgg/features.h"

namespace styletransfer::detail {
namespace {

const LossOptions kLoss{LossKind::kRelative};

/// Behaves like CUDA: a replay writes its results to the memory of the captured run.
class RerunningGraph : public EvaluationGraph {
 public:
  explicit RerunningGraph(int& replays) : replays_(replays) {}
  void capture(const std::function<void()>& work) override { work_ = work; }
  void replay() override {
    ++replays_;
    work_();
  }

 private:
  int& replays_;
  std::function<void()> work_;
};

class RefusingGraph : public EvaluationGraph {
 public:
  void capture(const std::function<void()>& /*work*/) override {
    throw std::runtime_error("an operation cannot be recorded");
  }
  void replay() override { FAIL() << "nothing was recorded"; }
};

class RecordedEvaluationTest : public testing::Test {
 protected:
  RecordedEvaluationTest() {
    const std::vector<std::string> layers = compared_layers_of_loss();
    features_.emplace(network_, layers, Pooling::kMax, runtime_);
    const at::Tensor content = random_image(40, 48, 1, at::kFloat);
    const at::Tensor style = random_image(40, 40, 2, at::kFloat);
    objective_.emplace(*features_, options_, Weights{1.0, 12.0, 20.0},
                       content_target(*features_, options_.content_layers, content),
                       style_target(*features_, options_.style_layers, {{style, {}, 1.0}}));
  }

  std::vector<std::string> compared_layers_of_loss() {
    std::vector<std::string> layers = options_.content_layers;
    layers.insert(layers.end(), options_.style_layers.begin(), options_.style_layers.end());
    return layers;
  }

  /// Checks that every evaluation equals the objective's own, for an image that is changed in
  /// place.
  void expect_the_objectives_own(RecordedEvaluation& recorded) {
    for (int run = 0; run < RecordedWork::kWarmUpRuns + 4; ++run) {
      image_.copy_(random_image(40, 48, 10 + run, at::kFloat));
      const Objective::QueuedEvaluation evaluation = recorded.queue();
      const double loss = evaluation.loss.get();
      const at::Tensor gradient = evaluation.gradient.clone();
      const std::vector<LossTerm> terms = recorded.terms();
      const Objective::Evaluation own = objective_->evaluate(image_);
      EXPECT_NEAR(loss, own.loss, 1e-12 * own.loss) << "run " << run;
      EXPECT_TRUE(gradient.equal(own.gradient)) << "run " << run;
      const std::vector<LossTerm> own_terms = objective_->terms();
      ASSERT_EQ(terms.size(), own_terms.size());
      for (size_t i = 0; i < terms.size(); ++i) {
        EXPECT_EQ(terms[i].name, own_terms[i].name);
        EXPECT_EQ(terms[i].value, own_terms[i].value) << "run " << run << ", " << terms[i].name;
      }
    }
  }

  Network network_ = tiny_network();
  Runtime runtime_;
  LossOptions options_ = kLoss;
  std::optional<FeatureNetwork> features_;
  std::optional<Objective> objective_;
  at::Tensor image_ = at::empty({40, 48, 3});
};

TEST_F(RecordedEvaluationTest, WithoutGraphsIsTheObjectives) {
  RecordedEvaluation recorded(*objective_, image_, {}, {});
  expect_the_objectives_own(recorded);
}

TEST_F(RecordedEvaluationTest, AReplayHasLossGradientAndTermsOfTheImageAsItIs) {
  int replays = 0;
  RecordedEvaluation recorded(*objective_, image_,
                              [&] { return std::make_unique<RerunningGraph>(replays); }, {});
  expect_the_objectives_own(recorded);
  EXPECT_EQ(replays, 4);
}

TEST_F(RecordedEvaluationTest, IsTheObjectivesWhereItCannotBeRecorded) {
  std::vector<std::string> reasons;
  RecordedEvaluation recorded(
      *objective_, image_, [] { return std::make_unique<RefusingGraph>(); },
      [&](const std::string& reason) { reasons.push_back(reason); });
  expect_the_objectives_own(recorded);
  EXPECT_EQ(reasons, std::vector<std::string>{"an operation cannot be recorded"});
}

}  // namespace
}  // namespace styletransfer::detail
