// Number of images of a batch that are processed in parallel.
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "cli/commands/batch/parallel_items.h"
#include "cli/options/print_flag.h"

namespace styletransfer::cli {
namespace {

constexpr int kByThemselves = 0;
constexpr int kMany = 1000;
constexpr std::int64_t kPlenty = std::int64_t{1} << 40;

void expect_shares(const ProcessorShares& shares, int images_at_once, int threads_each) {
  EXPECT_EQ(shares.images_at_once, images_at_once);
  EXPECT_EQ(shares.threads_each, threads_each);
}

TEST(ProcessorShares, GiveSmallImagesAThreadEachAndLargeOnesAllThreads) {
  expect_shares(shares_of(2, kByThemselves, 256.0 * 192.0, kMany, kPlenty), 2, 1);
  expect_shares(shares_of(2, kByThemselves, 512.0 * 384.0, kMany, kPlenty), 1, 2);
  expect_shares(shares_of(8, kByThemselves, 512.0 * 384.0, kMany, kPlenty), 4, 2);
  expect_shares(shares_of(8, kByThemselves, 4000.0 * 3000.0, kMany, kPlenty), 1, 8);
  expect_shares(shares_of(64, kByThemselves, 256.0 * 192.0, kMany, kPlenty), 16, 4);
}

TEST(ProcessorShares, AreNeverMoreThanTheImages) {
  expect_shares(shares_of(8, kByThemselves, 256.0 * 192.0, 3, kPlenty), 3, 2);
  expect_shares(shares_of(8, 5, 256.0 * 192.0, 1, kPlenty), 1, 8);
}

TEST(ProcessorShares, LeaveEachImageRoomInTheMemory) {
  constexpr double kPixels = 256.0 * 192.0;
  expect_shares(shares_of(8, kByThemselves, kPixels, kMany, 200'000'000), 3, 2);
  expect_shares(shares_of(8, kByThemselves, kPixels, kMany, 1'000'000), 1, 8);
  expect_shares(shares_of(8, kByThemselves, kPixels, kMany, -5), 1, 8);
  expect_shares(shares_of(8, 4, kPixels, kMany, 1'000'000), 4, 2);
}

TEST(ProcessorShares, AreWhatIsAskedFor) {
  expect_shares(shares_of(8, 2, 4000.0 * 3000.0, kMany, kPlenty), 2, 4);
  expect_shares(shares_of(2, 1, 256.0 * 192.0, kMany, kPlenty), 1, 2);
  expect_shares(shares_of(2, 4, 256.0 * 192.0, kMany, kPlenty), 4, 1);
}

TEST(ProcessorShares, CountThePixelsOfASheetToPrintOn) {
  BatchOptions command;
  command.image.runtime.device = "cpu";
  command.image.runtime.threads = 4;
  const SourceImage photo{"photo.jpg", "photo", {640, 480}, ""};
  const std::vector<Pair> pairs(8, Pair{&photo, &photo, "out.png"});
  command.image.job.schedule.size_px = 256;
  expect_shares(processor_shares(command, pairs), 4, 1);
  command.image.print = parse_paper_size("--print", "A4@300");
  expect_shares(processor_shares(command, pairs), 1, 4);
}

}  // namespace
}  // namespace styletransfer::cli
