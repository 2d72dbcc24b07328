// Random squares out of photos, read ahead of the training that uses them.
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
  /// A square covers up to this times the crop's own size in the photo, and is made smaller.
  double most_zoom = 2.0;
  /// Photos stay in memory, 8 bits a value, up to this many bytes together.
  std::int64_t cache_bytes = std::int64_t{1} << 30;
};

/// Photos in parts: those a network learns from, and those it is only judged by.
struct PhotoShares {
  std::vector<std::string> learnt;
  std::vector<std::string> held_out;
};

/// Every tenth photo is held out, at least one (of two or more) and at most `most`; which ones,
/// the seed decides.
[[nodiscard]] PhotoShares shared_out(std::vector<std::string> paths, std::uint64_t seed,
                                     std::size_t most = 8);

/// The middle square of a photo at this size. Throws UsageError as read_image does.
[[nodiscard]] Image middle_square(const std::string& path, int size_px);

/// [1, 3, h, w] float32 of a picture and back.
[[nodiscard]] at::Tensor planes_of(const Image& image);
[[nodiscard]] Image image_of(const at::Tensor& planes);

/// Batches [N, 3, size, size] float32, R G B in 0..1, made on a thread of their own. What the
/// k-th square is depends on the photos, the options and k alone, so a training that goes on sees
/// what it would have seen. Every photo comes once before any comes again, in random order; a
/// square is turned left to right half of the time.
class PhotoCrops {
 public:
  /// first_batch: how many batches were used up before.
  PhotoCrops(std::vector<std::string> paths, const CropOptions& options,
             std::int64_t first_batch = 0);
  ~PhotoCrops();
  PhotoCrops(const PhotoCrops&) = delete;
  PhotoCrops& operator=(const PhotoCrops&) = delete;

  /// Waits for the next batch. A photo that cannot be read is replaced by the next one. Throws
  /// RunError when none can.
  [[nodiscard]] at::Tensor next();

  /// What has gone wrong with photos since the last call, one line each.
  [[nodiscard]] std::vector<std::string> take_troubles();

 private:
  void read_ahead();
  [[nodiscard]] at::Tensor batch_of(std::int64_t number);
  [[nodiscard]] at::Tensor square_of(std::int64_t number);
  /// [h, w, 3] uint8; undefined for a broken photo.
  [[nodiscard]] at::Tensor photo(std::size_t index);
  [[nodiscard]] std::size_t photo_of(std::int64_t number);

  std::vector<std::string> paths_;
  CropOptions options_;
  std::int64_t next_number_;
  /// Of the reading thread alone.
  std::map<std::size_t, at::Tensor> cache_;
  std::int64_t cached_bytes_ = 0;
  std::vector<bool> is_broken_;
  std::vector<std::size_t> order_;
  std::int64_t order_round_ = -1;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<at::Tensor> ready_;
  std::vector<std::string> troubles_;
  std::string failure_;
  bool is_ending_ = false;
  std::thread reader_;
};

}  // namespace styletransfer::detail
