#include "device/recorded_work.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "device/cuda_graph_library.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

/// Log of what happened, in order.
using Events = std::vector<std::string>;

constexpr double kLoss = 5.0;

/// Behaves like CUDA: captured work computes nothing until it is replayed.
struct FakeDevice {
  Events events;
  bool is_capturing = false;
  double loss = 0.0;

  std::function<void()> work() {
    return [this] {
      events.emplace_back(is_capturing ? "recorded" : "computed");
      loss = is_capturing ? std::numeric_limits<double>::quiet_NaN() : kLoss;
    };
  }
  std::function<double()> value() {
    return [this] { return loss; };
  }
};

class FakeGraph : public EvaluationGraph {
 public:
  FakeGraph(FakeDevice& device, double replayed_loss)
      : device_(device), replayed_loss_(replayed_loss) {}

  void capture(const std::function<void()>& work) override {
    device_.is_capturing = true;
    work();
    device_.is_capturing = false;
  }
  void replay() override {
    device_.events.emplace_back("replayed");
    device_.loss = replayed_loss_;
  }

 private:
  FakeDevice& device_;
  double replayed_loss_;
};

class RefusingGraph : public EvaluationGraph {
 public:
  void capture(const std::function<void()>& /*work*/) override {
    throw std::runtime_error("operation not permitted when stream is capturing");
  }
  void replay() override { FAIL() << "nothing was recorded"; }
};

class RecordedWorkTest : public testing::Test {
 protected:
  GraphMaker graphs_that_replay(double loss) {
    return [this, loss] {
      ++graphs_made_;
      return std::make_unique<FakeGraph>(device_, loss);
    };
  }
  RecordedWork recorded(GraphMaker make_graph) {
    return RecordedWork(device_.work(), device_.value(), std::move(make_graph),
                        [this](const std::string& reason) { failures_.push_back(reason); });
  }

  FakeDevice device_;
  Events failures_;
  int graphs_made_ = 0;
};

TEST_F(RecordedWorkTest, RecordsAfterTheWarmUpAndReplaysFromThenOn) {
  RecordedWork recorded = this->recorded(graphs_that_replay(kLoss));
  for (int run = 0; run < RecordedWork::kWarmUpRuns; ++run) recorded.run();
  EXPECT_EQ(device_.events, Events(RecordedWork::kWarmUpRuns, "computed"));
  EXPECT_FALSE(recorded.is_recorded());
  device_.events.clear();
  recorded.run();
  EXPECT_TRUE(recorded.is_recorded());
  EXPECT_EQ(device_.events, (Events{"computed", "recorded", "replayed"}));
  device_.events.clear();
  recorded.run();
  recorded.run();
  EXPECT_EQ(device_.events, (Events{"replayed", "replayed"}));
  EXPECT_EQ(graphs_made_, 1);
  EXPECT_TRUE(failures_.empty());
}

TEST_F(RecordedWorkTest, EveryRunLeavesTheResult) {
  for (const double replayed : {kLoss, 2 * kLoss}) {
    RecordedWork recorded = this->recorded(graphs_that_replay(replayed));
    for (int run = 0; run < RecordedWork::kWarmUpRuns + 3; ++run) {
      device_.loss = 0.0;
      recorded.run();
      EXPECT_EQ(device_.loss, kLoss) << "run " << run << ", replay gives " << replayed;
    }
  }
}

TEST_F(RecordedWorkTest, ARecordWithAnotherResultIsNotUsed) {
  RecordedWork recorded = this->recorded(graphs_that_replay(kLoss * 1.01));
  for (int run = 0; run < RecordedWork::kWarmUpRuns + 3; ++run) recorded.run();
  EXPECT_FALSE(recorded.is_recorded());
  EXPECT_EQ(graphs_made_, 1);
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_NE(failures_[0].find("instead of 5.0"), std::string::npos) << failures_[0];
}

TEST_F(RecordedWorkTest, GoesOnWithoutARecordWhereItCannotBeMade) {
  int tries = 0;
  RecordedWork recorded = this->recorded([&] {
    ++tries;
    return std::make_unique<RefusingGraph>();
  });
  for (int run = 0; run < RecordedWork::kWarmUpRuns + 3; ++run) recorded.run();
  EXPECT_EQ(tries, 1);
  EXPECT_EQ(failures_, Events{"operation not permitted when stream is capturing"});
  EXPECT_EQ(device_.events.back(), "computed");
}

TEST_F(RecordedWorkTest, RunsAsItIsWithoutGraphs) {
  RecordedWork without_maker = this->recorded(nullptr);
  RecordedWork without_graph = this->recorded([] { return nullptr; });
  const int runs = RecordedWork::kWarmUpRuns + 2;
  for (int run = 0; run < runs; ++run) without_maker.run();
  for (int run = 0; run < runs; ++run) without_graph.run();
  EXPECT_EQ(device_.events, Events(2 * runs, "computed"));
  EXPECT_TRUE(failures_.empty());
}

TEST_F(RecordedWorkTest, AnErrorOfTheWorkItselfIsTheRunsOwn) {
  RecordedWork recorded([] { throw std::runtime_error("out of memory"); }, device_.value(),
                        graphs_that_replay(kLoss), nullptr);
  EXPECT_THROW(recorded.run(), std::runtime_error);
}

TEST(MakeCudaGraph, SaysWhichLibraryIsMissing) {
  // The library is not installed next to the test binary.
  try {
    static_cast<void>(make_cuda_graph(0));
    FAIL() << "a graph without a library";
  } catch (const RunError& error) {
    EXPECT_NE(std::string(error.what()).find("libstyletransfer_cuda_graph.so"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace styletransfer::detail
