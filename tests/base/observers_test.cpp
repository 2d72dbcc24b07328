#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "styletransfer/image.h"
#include "styletransfer/progress.h"

namespace styletransfer {
namespace {

class Listener : public Observer {
 public:
  explicit Listener(bool wants, Continue answer = Continue::kYes)
      : wants_(wants), answer_(answer) {}

  void on_warning(const Message& line) override { lines.push_back(line.text()); }
  Continue on_step_finished(const StepFinished& /*step*/) override {
    ++steps;
    return answer_;
  }
  bool wants_image(const StepFinished& /*step*/) override { return wants_; }
  void on_image(const StepFinished& /*step*/, const Image& /*image*/) override { ++images; }
  bool wants_checkpoint(bool is_stopping) override { return wants_ && is_stopping; }
  void on_checkpoint(const Checkpoint& /*checkpoint*/) override { ++checkpoints; }

  std::vector<std::string> lines;
  int steps = 0;
  int images = 0;
  int checkpoints = 0;

 private:
  bool wants_;
  Continue answer_;
};

TEST(Observers, TellEverybodyAndStopWhenOneSaysSo) {
  Listener first(false, Continue::kStop);
  Listener second(true);
  Observers both;
  both.add(first);
  both.add(second);
  both.on_warning("lower " + option("size"));
  EXPECT_EQ(first.lines, std::vector<std::string>{"lower size"});
  EXPECT_EQ(second.lines, first.lines);
  EXPECT_EQ(both.on_step_finished({}), Continue::kStop);
  EXPECT_EQ(second.steps, 1);
}

TEST(Observers, GiveImagesOnlyToThoseThatWantThem) {
  Listener without(false);
  Listener with(true);
  Observers both;
  both.add(without);
  both.add(with);
  EXPECT_TRUE(both.wants_image({}));
  both.on_image({}, Image());
  EXPECT_EQ(without.images, 0);
  EXPECT_EQ(with.images, 1);
  Observers none;
  none.add(without);
  EXPECT_FALSE(none.wants_image({}));
}

TEST(Observers, AskForACheckpointBeforeTheRunStops) {
  Listener listener(true);
  Observers all;
  all.add(listener);
  EXPECT_FALSE(all.wants_checkpoint(/*is_stopping=*/false));
  EXPECT_TRUE(all.wants_checkpoint(/*is_stopping=*/true));
}

}  // namespace
}  // namespace styletransfer
