#include "training/photo_crops.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <set>

#include "styletransfer/error.h"
#include "support/training_folder.h"

namespace styletransfer::detail {
namespace {

class PhotoCropsTest : public testing::Test {
 protected:
  TrainingFolder folder_{"photo_crops"};
  CropOptions options_{.size_px = 16, .batch = 2, .seed = 3};
};

TEST_F(PhotoCropsTest, GivesBatchesOfSquaresInRange) {
  PhotoCrops crops(folder_.photos(3), options_);
  for (int i = 0; i < 5; ++i) {
    const at::Tensor batch = crops.next();
    EXPECT_EQ(batch.sizes(), at::IntArrayRef({2, 3, 16, 16}));
    EXPECT_GE(batch.min().item<float>(), 0.0F);
    EXPECT_LE(batch.max().item<float>(), 1.0F);
  }
}

TEST_F(PhotoCropsTest, StartedLaterGivesWhatWouldHaveCome) {
  const auto photos = folder_.photos(5);
  PhotoCrops whole(photos, options_);
  for (int i = 0; i < 4; ++i) static_cast<void>(whole.next());
  PhotoCrops later(photos, options_, 4);
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(at::equal(whole.next(), later.next()));
}

TEST_F(PhotoCropsTest, WithoutRoomToKeepPhotosGivesTheSame) {
  const auto photos = folder_.photos(4);
  PhotoCrops kept(photos, options_);
  options_.cache_bytes = 0;
  PhotoCrops read_anew(photos, options_);
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(at::equal(kept.next(), read_anew.next()));
}

TEST_F(PhotoCropsTest, ShowsEveryPhotoOnceBeforeAnyAgain) {
  std::vector<std::string> photos;
  for (int i = 0; i < 6; ++i) {
    photos.push_back(folder_.file("plain" + std::to_string(i) + ".png"));
    write_image(plain_image({20, 20}, 0.1F * static_cast<float>(i)), photos.back(), {});
  }
  options_.batch = 1;
  PhotoCrops crops(photos, options_);
  for (int round = 0; round < 3; ++round) {
    std::set<int> seen;
    for (int i = 0; i < 6; ++i) {
      seen.insert(static_cast<int>(std::lround(10.0 * crops.next().mean().item<double>())));
    }
    EXPECT_EQ(seen.size(), 6U);
  }
}

TEST_F(PhotoCropsTest, EnlargesPhotosSmallerThanTheSquare) {
  PhotoCrops crops(folder_.photos(2, 0.5F, {12, 9}), options_);
  EXPECT_EQ(crops.next().sizes(), at::IntArrayRef({2, 3, 16, 16}));
}

TEST_F(PhotoCropsTest, TellsOfABrokenPhotoOnceAndGoesOn) {
  auto photos = folder_.photos(2);
  photos.push_back(folder_.file("broken.jpg"));
  std::ofstream(photos.back()) << "no picture";
  PhotoCrops crops(photos, options_);
  std::size_t troubles = 0;
  for (int i = 0; i < 8; ++i) {
    static_cast<void>(crops.next());
    troubles += crops.take_troubles().size();
  }
  EXPECT_EQ(troubles, 1U);
}

TEST_F(PhotoCropsTest, FailsWhenEveryPhotoIsBroken) {
  const std::string broken = folder_.file("broken.jpg");
  std::ofstream(broken) << "no picture";
  PhotoCrops crops({broken}, options_);
  EXPECT_THROW(static_cast<void>(crops.next()), RunError);
}

TEST(PhotoShares, HoldsOutATenthAndNeverTheOnlyPhoto) {
  std::vector<std::string> paths;
  for (int i = 0; i < 40; ++i) paths.push_back(std::to_string(i));
  const PhotoShares shares = shared_out(paths, 1);
  EXPECT_EQ(shares.held_out.size(), 4U);
  EXPECT_EQ(shares.learnt.size(), 36U);
  std::set<std::string> all(shares.learnt.begin(), shares.learnt.end());
  all.insert(shares.held_out.begin(), shares.held_out.end());
  EXPECT_EQ(all.size(), 40U);
  EXPECT_TRUE(shared_out({"one"}, 1).held_out.empty());
  EXPECT_EQ(shared_out({"one", "two"}, 1).held_out.size(), 1U);
}

TEST(PhotoShares, AreTheSameInWhateverOrderPhotosAreNamed) {
  EXPECT_EQ(shared_out({"a", "b", "c", "d"}, 5).held_out,
            shared_out({"d", "c", "b", "a"}, 5).held_out);
}

}  // namespace
}  // namespace styletransfer::detail
