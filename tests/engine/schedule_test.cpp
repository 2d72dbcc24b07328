#include "styletransfer/schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "styletransfer/error.h"

namespace styletransfer {
namespace {

constexpr Size kContent{1600, 1200};

std::vector<int> sizes(const std::vector<Pass>& passes) {
  std::vector<int> result;
  for (const Pass& pass : passes) result.push_back(pass.size_px);
  return result;
}
std::vector<int> steps(const std::vector<Pass>& passes) {
  std::vector<int> result;
  for (const Pass& pass : passes) result.push_back(pass.iterations);
  return result;
}

ScheduleOptions sized(int size_px) {
  ScheduleOptions options;
  options.size_px = size_px;
  return options;
}

TEST(GrowingSchedule, DoublesUpToTheFullSize) {
  EXPECT_EQ(sizes(make_schedule(sized(512), kContent)), (std::vector<int>{128, 256, 512}));
  EXPECT_EQ(sizes(make_schedule(sized(1024), kContent)), (std::vector<int>{128, 256, 512, 1024}));
  EXPECT_EQ(sizes(make_schedule(sized(724), kContent)), (std::vector<int>{181, 362, 724}));
  EXPECT_EQ(sizes(make_schedule(sized(725), kContent)), (std::vector<int>{91, 182, 363, 725}));
}

TEST(GrowingSchedule, IsOnePassForASmallImage) {
  EXPECT_EQ(sizes(make_schedule(sized(181), kContent)), (std::vector<int>{181}));
  EXPECT_EQ(sizes(make_schedule(sized(16), kContent)), (std::vector<int>{16}));
}

TEST(GrowingSchedule, StartsBetween91And181PixelsForEverySize) {
  for (int size = 182; size < 4000; size += 7) {
    const std::vector<Pass> passes = make_schedule(sized(size), kContent);
    EXPECT_GE(passes.front().size_px, 91) << size;
    EXPECT_LE(passes.front().size_px, 181) << size;
    EXPECT_EQ(passes.back().size_px, size);
  }
}

TEST(GrowingSchedule, GivesCoarserPassesAsManyMoreStepsAsAskedFor) {
  ScheduleOptions options = sized(512);
  options.iterations = 10;
  options.coarse_steps = 2.0;
  EXPECT_EQ(steps(make_schedule(options, kContent)), (std::vector<int>{40, 20, 10}));
  options.coarse_steps = 1.0;
  EXPECT_EQ(steps(make_schedule(options, kContent)), (std::vector<int>{10, 10, 10}));
}

TEST(GrowingSchedule, RefusesCoarseStepsOutOfRange) {
  for (const double wrong : {0.5, 4.1, std::numeric_limits<double>::quiet_NaN()}) {
    ScheduleOptions options = sized(512);
    options.coarse_steps = wrong;
    EXPECT_THROW(static_cast<void>(make_schedule(options, kContent)), UsageError) << wrong;
  }
}

TEST(GrowingSchedule, GivesCoarserPassesRootTwoTimesTheSteps) {
  ScheduleOptions options = sized(512);
  options.iterations = 50;
  EXPECT_EQ(steps(make_schedule(options, kContent)), (std::vector<int>{100, 71, 50}));
}

TEST(GrowingSchedule, WithoutIterationsIsOnePassOfNoSteps) {
  ScheduleOptions options = sized(512);
  options.iterations = 0;
  const std::vector<Pass> passes = make_schedule(options, kContent);
  EXPECT_EQ(sizes(passes), (std::vector<int>{512}));
  EXPECT_EQ(steps(passes), (std::vector<int>{0}));
}

TEST(Schedule, SizeZeroIsTheContentsOwnLongSide) {
  EXPECT_EQ(make_schedule(sized(0), {300, 200}).back().size_px, 300);
  EXPECT_EQ(make_schedule(sized(0), {200, 301}).back().size_px, 301);
}

TEST(Schedule, PassesRepeatTheFullSize) {
  ScheduleOptions options = sized(400);
  options.passes = 10;
  options.iterations = 30;
  const std::vector<Pass> passes = make_schedule(options, kContent);
  EXPECT_EQ(sizes(passes), std::vector<int>(10, 400));
  EXPECT_EQ(steps(passes), std::vector<int>(10, 30));
}

TEST(Schedule, WeightsComeFromTheLossUnlessGiven) {
  ScheduleOptions options;
  EXPECT_EQ(make_schedule(options, kContent).back().weights.style_weight, 12.0);
  EXPECT_EQ(make_schedule(options, kContent).back().weights.content_weight, 1.0);
  options.loss = LossKind::kClassic;
  const Pass classic = make_schedule(options, kContent).back();
  EXPECT_EQ(classic.weights.content_weight, 5.0);
  EXPECT_EQ(classic.weights.style_weight, 100.0);
  EXPECT_EQ(classic.weights.tv_weight, 0.0);
  options.style_weight = 7.0;
  options.tv_weight = 2.0;
  options.content_weight = 0.0;
  for (const Pass& pass : make_schedule(options, kContent)) {
    EXPECT_EQ(pass.weights.style_weight, 7.0);
    EXPECT_EQ(pass.weights.tv_weight, 2.0);
    EXPECT_EQ(pass.weights.content_weight, 0.0);
  }
}

TEST(Schedule, ListedPassesInheritWhatTheyDoNotSay) {
  ScheduleOptions options;
  options.size_px = 640;
  options.iterations = 33;
  options.style_weight = 8.0;
  PassOverrides small;
  small.size_px = 200;
  small.iterations = 90;
  PassOverrides strong;
  strong.style_weight = 50.0;
  strong.content_weight = 0.5;
  strong.tv_weight = 0.0;
  options.pass_list = {small, {}, strong};
  const std::vector<Pass> passes = make_schedule(options, kContent);
  EXPECT_EQ(sizes(passes), (std::vector<int>{200, 640, 640}));
  EXPECT_EQ(steps(passes), (std::vector<int>{90, 33, 33}));
  EXPECT_EQ(passes[0].weights.style_weight, 8.0);
  EXPECT_EQ(passes[1].weights.tv_weight, default_weights(LossKind::kRelative).tv_weight);
  EXPECT_EQ(passes[2].weights.style_weight, 50.0);
  EXPECT_EQ(passes[2].weights.content_weight, 0.5);
  EXPECT_EQ(passes[2].weights.tv_weight, 0.0);
}

TEST(Schedule, ListedPassesMayShrinkAndDoNothing) {
  ScheduleOptions options;
  PassOverrides large;
  large.size_px = 300;
  PassOverrides small;
  small.size_px = 100;
  small.iterations = 0;
  options.pass_list = {large, small};
  EXPECT_EQ(sizes(make_schedule(options, kContent)), (std::vector<int>{300, 100}));
}

std::string refusal(const ScheduleOptions& options, Size content = kContent) {
  try {
    static_cast<void>(make_schedule(options, content));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "taken";
}

void expect_refused(const ScheduleOptions& options, const std::vector<std::string>& said,
                    Size content = kContent) {
  const std::string message = refusal(options, content);
  EXPECT_NE(message, "taken");
  for (const std::string& part : said) {
    EXPECT_NE(message.find(part), std::string::npos) << message << " lacks " << part;
  }
}

TEST(Schedule, RefusesSizesOutOfRangeNamingFieldValueAndRange) {
  expect_refused(sized(15), {"size", "15", "16", "32768"});
  expect_refused(sized(40000), {"size", "40000", "32768"});
  expect_refused(sized(-5), {"size", "-5"});
  expect_refused(sized(0), {"size", "10", "16"}, {10, 8});
}

TEST(Schedule, RefusesStepsAndPassesOutOfRange) {
  ScheduleOptions options;
  options.iterations = -1;
  expect_refused(options, {"iterations", "-1", "0 to 1000000"});
  options.iterations = 50;
  options.passes = -2;
  expect_refused(options, {"passes", "-2", "1 to 1000"});
  options.passes = 1001;
  expect_refused(options, {"passes", "1001"});
}

TEST(Schedule, RefusesBadWeightsNamingTheField) {
  for (const double bad : {-1.0, std::numeric_limits<double>::infinity(), std::nan("")}) {
    ScheduleOptions content;
    content.content_weight = bad;
    expect_refused(content, {"content_weight"});
    ScheduleOptions style;
    style.style_weight = bad;
    expect_refused(style, {"style_weight"});
    ScheduleOptions smooth;
    smooth.tv_weight = bad;
    expect_refused(smooth, {"tv_weight"});
  }
  ScheduleOptions style;
  style.style_weight = -2.5;
  expect_refused(style, {"-2.5"});
}

TEST(Schedule, RefusesAPassWithoutAnyWeight) {
  ScheduleOptions options;
  options.content_weight = options.style_weight = options.tv_weight = 0.0;
  expect_refused(options, {"all 0", "nothing to minimize"});
  // What every listed pass replaces is not used.
  options.pass_list.resize(2);
  options.pass_list[0].tv_weight = 1.0;
  expect_refused(options, {"pass 2: "});
  options.pass_list[1].iterations = 0;
  EXPECT_EQ(make_schedule(options, kContent).size(), 2U);
  options.pass_list.clear();
  options.iterations = 0;
  EXPECT_EQ(make_schedule(options, kContent).size(), 1U);
}

TEST(Schedule, RefusesBadValuesInListedPasses) {
  ScheduleOptions options;
  options.pass_list.resize(2);
  options.pass_list[1].size_px = 8;
  expect_refused(options, {"size", "8", "16"});
  options.pass_list[1].size_px.reset();
  options.pass_list[1].style_weight = -1.0;
  expect_refused(options, {"style", "-1"});
}

TEST(Schedule, RefusesACountTogetherWithAList) {
  ScheduleOptions options;
  options.passes = 3;
  options.pass_list.resize(2);
  expect_refused(options, {"passes", "pass"});
}

}  // namespace
}  // namespace styletransfer
