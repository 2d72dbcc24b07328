#include "training/crop_dataset.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <set>

#include "styletransfer/error.h"
#include "support/training_folder.h"

namespace styletransfer::detail {
namespace {

class CropDatasetTest : public testing::Test {
 protected:
  TrainingFolder folder_{"photo_crops"};
  CropOptions options_{.size_px = 16, .batch = 2, .seed = 3};
};

TEST_F(CropDatasetTest, GivesBatchesOfSquaresInRange) {
  CropDataset crops(folder_.photos(3), options_);
  for (int i = 0; i < 5; ++i) {
    const at::Tensor batch = crops.next();
    EXPECT_EQ(batch.sizes(), at::IntArrayRef({2, 3, 16, 16}));
    EXPECT_GE(batch.min().item<float>(), 0.0F);
    EXPECT_LE(batch.max().item<float>(), 1.0F);
  }
}

TEST_F(CropDatasetTest, StartedLaterGivesWhatWouldHaveCome) {
  const auto photos = folder_.photos(5);
  CropDataset whole(photos, options_);
  for (int i = 0; i < 4; ++i) static_cast<void>(whole.next());
  CropDataset later(photos, options_, 4);
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(at::equal(whole.next(), later.next()));
}

TEST_F(CropDatasetTest, WithoutRoomToKeepPhotosGivesTheSame) {
  const auto photos = folder_.photos(4);
  CropDataset kept(photos, options_);
  options_.cache_bytes = 0;
  CropDataset read_again(photos, options_);
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(at::equal(kept.next(), read_again.next()));
}

TEST_F(CropDatasetTest, ShowsEveryPhotoOnceBeforeAnyAgain) {
  std::vector<std::string> photos;
  for (int i = 0; i < 6; ++i) {
    photos.push_back(folder_.file("plain" + std::to_string(i) + ".png"));
    write_image(plain_image({20, 20}, 0.1F * static_cast<float>(i)), photos.back(), {});
  }
  options_.batch = 1;
  CropDataset crops(photos, options_);
  for (int round = 0; round < 3; ++round) {
    std::set<int> seen;
    for (int i = 0; i < 6; ++i) {
      seen.insert(static_cast<int>(std::lround(10.0 * crops.next().mean().item<double>())));
    }
    EXPECT_EQ(seen.size(), 6U);
  }
}

TEST_F(CropDatasetTest, EnlargesPhotosSmallerThanTheSquare) {
  CropDataset crops(folder_.photos(2, 0.5F, {12, 9}), options_);
  EXPECT_EQ(crops.next().sizes(), at::IntArrayRef({2, 3, 16, 16}));
}

TEST_F(CropDatasetTest, ReportsABrokenPhotoOnceAndContinues) {
  auto photos = folder_.photos(2);
  photos.push_back(folder_.file("broken.jpg"));
  std::ofstream(photos.back()) << "no image";
  CropDataset crops(photos, options_);
  std::size_t problems = 0;
  for (int i = 0; i < 8; ++i) {
    static_cast<void>(crops.next());
    problems += crops.take_problems().size();
  }
  EXPECT_EQ(problems, 1U);
}

TEST_F(CropDatasetTest, FailsWhenEveryPhotoIsBroken) {
  const std::string broken = folder_.file("broken.jpg");
  std::ofstream(broken) << "no image";
  CropDataset crops({broken}, options_);
  EXPECT_THROW(static_cast<void>(crops.next()), RunError);
}

TEST(TrainValSplit, ReservesATenthAndNeverTheOnlyPhoto) {
  std::vector<std::string> paths;
  for (int i = 0; i < 40; ++i) paths.push_back(std::to_string(i));
  const TrainValSplit shares = train_val_split(paths, 1);
  EXPECT_EQ(shares.validation.size(), 4U);
  EXPECT_EQ(shares.train.size(), 36U);
  std::set<std::string> all(shares.train.begin(), shares.train.end());
  all.insert(shares.validation.begin(), shares.validation.end());
  EXPECT_EQ(all.size(), 40U);
  EXPECT_TRUE(train_val_split({"one"}, 1).validation.empty());
  EXPECT_EQ(train_val_split({"one", "two"}, 1).validation.size(), 1U);
}

TEST(TrainValSplit, AreTheSameInWhateverOrderPhotosAreNamed) {
  EXPECT_EQ(train_val_split({"a", "b", "c", "d"}, 5).validation,
            train_val_split({"d", "c", "b", "a"}, 5).validation);
}

}  // namespace
}  // namespace styletransfer::detail
