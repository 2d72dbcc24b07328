#include "cli/report/loss_curve.h"

#include <gtest/gtest.h>

#include "cli/terminal/formatted.h"

namespace styletransfer::cli {
namespace {

StepFinished step_of(int pass, int iteration) {
  StepFinished step;
  step.pass_index = pass;
  step.iteration = iteration;
  step.loss = 3.0;
  step.terms = {{"content", 1.0}, {"style", 2.0}};
  return step;
}

void add_pass(LossCurve& curve, int pass, int steps) {
  for (int i = 1; i <= steps; ++i) curve.add(step_of(pass, i));
}

std::size_t points_of(const LossCurve& curve) {
  std::size_t points = 0;
  for (const PassCurve& pass : curve.passes()) points += pass.points.size();
  return points;
}

TEST(LossCurve, KeepsEveryStepWhileThereIsRoom) {
  LossCurve curve(20);
  add_pass(curve, 0, 10);
  add_pass(curve, 1, 10);
  EXPECT_EQ(curve.every(), 1);
  ASSERT_EQ(curve.passes().size(), 2U);
  EXPECT_EQ(curve.passes()[1].points.size(), 10U);
  EXPECT_EQ(curve.passes()[1].terms, (std::vector<std::string>{"content", "style"}));
}

TEST(LossCurve, StaysInItsBoundHoweverLongTheRun) {
  LossCurve curve(50);
  add_pass(curve, 0, 100000);
  EXPECT_LE(points_of(curve), 51U);
  EXPECT_GE(points_of(curve), 20U);
}

TEST(LossCurve, KeepsFirstAndLastStepOfEachPass) {
  LossCurve curve(30);
  for (int pass = 0; pass < 3; ++pass) add_pass(curve, pass, 99);
  for (const PassCurve& pass : curve.passes()) {
    EXPECT_EQ(pass.points.front().iteration, 1);
    EXPECT_EQ(pass.points.back().iteration, 99);
  }
}

TEST(LossCurve, KeepsAnEvenRhythmBetweenTheEnds) {
  LossCurve curve(16);
  add_pass(curve, 0, 50);
  const auto& points = curve.passes()[0].points;
  for (std::size_t i = 1; i + 1 < points.size(); ++i) {
    EXPECT_EQ(points[i].iteration % curve.every(), 0);
  }
}

TEST(ShellCommand, QuotesWhatTheShellWouldTakeApart) {
  EXPECT_EQ(shell_command({"styletransfer", "--content", "a b.png", "--style", "it's.png", "-v"}),
            "styletransfer --content 'a b.png' --style 'it'\\''s.png' -v");
  EXPECT_EQ(shell_command({"a", ""}), "a ''");
}

}  // namespace
}  // namespace styletransfer::cli
