#include "training/crop_dataset.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "device/image_tensor.h"
#include "styletransfer/error.h"
#include "styletransfer/image_io.h"
#include "training/random_source.h"

namespace styletransfer::detail {
namespace {

constexpr std::size_t kBatchesAhead = 4;
constexpr int kValidationShare = 10;

// Random streams of the independent decisions.
constexpr std::uint64_t kOrderStream = 1;
constexpr std::uint64_t kCropStream = 2;
constexpr std::uint64_t kValidationStream = 3;

/// Reads a photo with its short side at least `short_px`, or full size if the file is smaller.
Image read_photo(const std::string& path, double short_px) {
  const Size size = probe_image(path).size;
  const double short_edge = std::min(size.width_px, size.height_px);
  const double long_edge = std::max(size.width_px, size.height_px);
  const int wanted_px =
      short_edge > short_px ? static_cast<int>(std::ceil(short_px * long_edge / short_edge)) : 0;
  Image image = read_image(path, wanted_px).image;
  return image.has_alpha() ? flattened(image) : image;
}

Image part_of(const at::Tensor& photo, std::int64_t top, std::int64_t left, std::int64_t side) {
  return image_from_tensor(
      photo.narrow(0, top, side).narrow(1, left, side).to(at::kFloat).div_(255.0));
}

Image resized_to(Image image, int size_px) {
  const Size size{size_px, size_px};
  return image.size == size ? std::move(image) : resized(image, size);
}

}  // namespace

TrainValSplit train_val_split(std::vector<std::string> paths, std::uint64_t seed, std::size_t max) {
  std::sort(paths.begin(), paths.end());
  RandomSource random(seed, kValidationStream);
  random.shuffle(paths);
  TrainValSplit split;
  std::size_t count =
      paths.size() < 2 ? 0 : std::max<std::size_t>(1, paths.size() / kValidationShare);
  count = std::min(count, max);
  const auto middle = paths.begin() + static_cast<std::ptrdiff_t>(count);
  split.validation.assign(paths.begin(), middle);
  split.train.assign(middle, paths.end());
  return split;
}

Image middle_square(const std::string& path, int size_px) {
  const at::Tensor photo = tensor_from_image(read_photo(path, size_px));
  const std::int64_t side = std::min(photo.size(0), photo.size(1));
  const at::Tensor square =
      photo.narrow(0, (photo.size(0) - side) / 2, side).narrow(1, (photo.size(1) - side) / 2, side);
  return resized_to(image_from_tensor(square), size_px);
}

at::Tensor planes_of(const Image& image) {
  return tensor_from_image(image).permute({2, 0, 1}).unsqueeze(0).contiguous();
}

Image image_of(const at::Tensor& planes) {
  return image_from_tensor(planes.squeeze(0).permute({1, 2, 0}));
}

CropDataset::CropDataset(std::vector<std::string> paths, const CropOptions& options,
                         std::int64_t first_batch)
    : paths_(std::move(paths)),
      options_(options),
      next_number_(first_batch),
      is_broken_(paths_.size(), false),
      reader_([this] { read_ahead(); }) {}

CropDataset::~CropDataset() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  reader_.join();
}

at::Tensor CropDataset::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !ready_.empty() || !failure_.empty(); });
  if (ready_.empty()) throw RunError(failure_);
  at::Tensor batch = std::move(ready_.front());
  ready_.pop_front();
  changed_.notify_all();
  return batch;
}

std::vector<std::string> CropDataset::take_problems() {
  const std::lock_guard lock(mutex_);
  return std::exchange(problems_, {});
}

void CropDataset::read_ahead() {
  try {
    while (true) {
      at::Tensor batch = batch_of(next_number_++);
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ready_.size() < kBatchesAhead || is_ending_; });
      if (is_ending_) return;
      ready_.push_back(std::move(batch));
      changed_.notify_all();
    }
  } catch (const std::exception& error) {
    const std::lock_guard lock(mutex_);
    failure_ = error.what();
    changed_.notify_all();
  }
}

at::Tensor CropDataset::batch_of(std::int64_t number) {
  std::vector<at::Tensor> crops;
  for (int i = 0; i < options_.batch; ++i) {
    crops.push_back(crop_of(number * options_.batch + i));
  }
  return at::cat(crops);
}

std::size_t CropDataset::photo_of(std::int64_t number) {
  const auto count = static_cast<std::int64_t>(paths_.size());
  if (order_round_ != number / count) {
    order_round_ = number / count;
    order_.resize(paths_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    RandomSource random(options_.seed, kOrderStream, static_cast<std::uint64_t>(order_round_));
    random.shuffle(order_);
  }
  return order_[static_cast<std::size_t>(number % count)];
}

at::Tensor CropDataset::crop_of(std::int64_t number) {
  std::size_t index = photo_of(number);
  at::Tensor whole = photo(index);
  for (std::size_t tries = 1; !whole.defined(); ++tries) {
    if (tries == paths_.size()) {
      throw RunError("none of the photos can be read any more; the last one is '" + paths_[index] +
                     "'");
    }
    index = (index + 1) % paths_.size();
    whole = photo(index);
  }
  RandomSource random(options_.seed, kCropStream, static_cast<std::uint64_t>(number));
  const std::int64_t short_side = std::min(whole.size(0), whole.size(1));
  const double zoom = 1.0 + (options_.max_zoom - 1.0) * random.between_0_and_1();
  const std::int64_t side =
      std::min<std::int64_t>(short_side, std::llround(zoom * options_.size_px));
  const std::int64_t top = random.below(whole.size(0) - side + 1);
  const std::int64_t left = random.below(whole.size(1) - side + 1);
  const bool is_flipped = random.below(2) == 1;
  const at::Tensor square =
      planes_of(resized_to(part_of(whole, top, left, side), options_.size_px));
  return is_flipped ? square.flip({3}) : square;
}

at::Tensor CropDataset::photo(std::size_t index) {
  if (const auto known = cache_.find(index); known != cache_.end()) return known->second;
  if (is_broken_[index]) return {};
  try {
    const Image image = read_photo(paths_[index], options_.max_zoom * options_.size_px);
    at::Tensor bytes = tensor_from_image(image).mul_(255.0).round_().to(at::kByte);
    if (cached_bytes_ + bytes.numel() <= options_.cache_bytes) {
      cached_bytes_ += bytes.numel();
      cache_[index] = bytes;
    }
    return bytes;
  } catch (const Error& error) {
    is_broken_[index] = true;
    const std::lock_guard lock(mutex_);
    problems_.emplace_back(error.what());
    return {};
  }
}

}  // namespace styletransfer::detail
