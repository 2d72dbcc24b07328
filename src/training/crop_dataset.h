// Dataset of random square crops from photos, prefetched on a background thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "styletransfer/image.h"

namespace styletransfer::detail {

struct CropOptions {
  int size_px = 256;
  int batch = 1;
  std::uint64_t seed = 0;
  /// A crop covers up to this times size_px in the photo and is downsampled to size_px.
  double max_zoom = 2.0;
  /// Limit of the photo cache in bytes; photos are cached with 8 bits per value.
  std::int64_t cache_bytes = std::int64_t{1} << 30;
};

/// Paths of the training photos and the validation photos.
struct TrainValSplit {
  std::vector<std::string> train;
  std::vector<std::string> validation;
};

/// Reserves every tenth photo for validation, at least one (of two or more) and at most `max`; the
/// seed determines which ones.
[[nodiscard]] TrainValSplit train_val_split(std::vector<std::string> paths, std::uint64_t seed,
                                            std::size_t max = 8);

/// Returns the center square of a photo at this size. Throws UsageError as read_image does.
[[nodiscard]] Image middle_square(const std::string& path, int size_px);

/// Convert an image to [1, 3, h, w] float32 and back.
[[nodiscard]] at::Tensor planes_of(const Image& image);
[[nodiscard]] Image image_of(const at::Tensor& planes);

/// Batches [N, 3, size, size] float32, R G B in 0..1, produced on a background thread. The k-th
/// crop depends only on the photos, the options and k, so a resumed training sees the same crops.
/// Every photo is used once per epoch, in random order; a crop is flipped horizontally with
/// probability 1/2.
class CropDataset {
 public:
  /// first_batch: number of batches already used before the resume.
  CropDataset(std::vector<std::string> paths, const CropOptions& options,
              std::int64_t first_batch = 0);
  ~CropDataset();
  CropDataset(const CropDataset&) = delete;
  CropDataset& operator=(const CropDataset&) = delete;

  /// Waits for the next batch. An unreadable photo is replaced by the next one. Throws RunError
  /// when none is readable.
  [[nodiscard]] at::Tensor next();

  /// Returns the problems with photos since the last call, one line each.
  [[nodiscard]] std::vector<std::string> take_problems();

 private:
  void read_ahead();
  [[nodiscard]] at::Tensor batch_of(std::int64_t number);
  [[nodiscard]] at::Tensor crop_of(std::int64_t number);
  /// [h, w, 3] uint8; undefined for a broken photo.
  [[nodiscard]] at::Tensor photo(std::size_t index);
  [[nodiscard]] std::size_t photo_of(std::int64_t number);

  std::vector<std::string> paths_;
  CropOptions options_;
  std::int64_t next_number_;
  /// Used by the reader thread only.
  std::map<std::size_t, at::Tensor> cache_;
  std::int64_t cached_bytes_ = 0;
  std::vector<bool> is_broken_;
  std::vector<std::size_t> order_;
  std::int64_t order_round_ = -1;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<at::Tensor> ready_;
  std::vector<std::string> problems_;
  std::string failure_;
  bool is_ending_ = false;
  std::thread reader_;
};

}  // namespace styletransfer::detail
