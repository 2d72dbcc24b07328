// Interface of what a batch does with each pair.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "cli/commands/batch/batch_reporter.h"
#include "cli/inputs/batch_pairs.h"
#include "styletransfer/run_report.h"

namespace styletransfer::cli {

/// Runs `read`, which decodes this source. On failure all pairs of this source are given up, and
/// the error is rethrown.
using SourceReader =
    std::function<void(const SourceImage& source, const std::function<void()>& read)>;

/// A finished and written image.
struct StylizedItem {
  /// "out.png, 512x384, 12.3 s"
  std::string summary;
  /// Of the written image.
  Size size;
  RunReport report;
};

/// Makes the image of a pair. Thread-safe after prepare() has returned.
class ItemStylizer {
 public:
  ItemStylizer() = default;
  virtual ~ItemStylizer() = default;
  ItemStylizer(const ItemStylizer&) = delete;
  ItemStylizer& operator=(const ItemStylizer&) = delete;

  /// Estimated work for one image, in any unit.
  [[nodiscard]] virtual double work_of(const Pair& pair) const = 0;

  /// The name that begins every error line of an input image: "--contents: photos/a.jpg".
  [[nodiscard]] virtual std::string shown_name(const SourceImage& source,
                                               const Pair& pair) const = 0;

  /// First difference between an existing result, by its stored settings, and what would be made;
  /// empty when the result is up to date. Throws UsageError.
  [[nodiscard]] virtual std::string difference_of(const Pair& pair, const std::string& stored) = 0;

  /// Call before the first image: opens what all pairs need. Throws UsageError.
  virtual void prepare(std::span<const Pair* const> planned) = 0;

  /// Threads that each image is computed with. Call after prepare().
  [[nodiscard]] virtual int threads_each() const = 0;

  /// Call in every thread except the caller's, before its first image.
  virtual void begin_thread() = 0;

  /// Reads, stylizes and writes; returns nothing when interrupted. `files` is held while files are
  /// read or written, because not every codec library is thread-safe.
  virtual std::optional<StylizedItem> make(const Pair& pair, ImageReporter& reporter,
                                           const SourceReader& read, std::mutex& files) = 0;
};

}  // namespace styletransfer::cli
