// What a batch makes of each of its pairs.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "cli/batch/pairs.h"
#include "cli/batch/reporter.h"

namespace styletransfer::cli {

/// Runs `read`, which decodes this source: one that cannot be decoded now is given up for all of
/// its pairs, and the error goes on.
using SourceReader =
    std::function<void(const SourcePicture& source, const std::function<void()>& read)>;

/// Of a picture that was made and written.
struct MadePicture {
  /// "out.png, 512x384, 12.3 s"
  std::string words;
  Size size;
};

/// For several threads once prepare() has returned.
class PairMaker {
 public:
  PairMaker() = default;
  virtual ~PairMaker() = default;
  PairMaker(const PairMaker&) = delete;
  PairMaker& operator=(const PairMaker&) = delete;

  /// Of one picture, in any unit.
  [[nodiscard]] virtual double work_of(const Pair& pair) const = 0;

  /// In what a result differs from what would be made, by the settings stored in it; empty when it
  /// is finished. Throws UsageError.
  [[nodiscard]] virtual std::string difference_of(const Pair& pair, const std::string& stored) = 0;

  /// Before the first picture: opens what all of these need. Throws UsageError.
  virtual void prepare(std::span<const Pair* const> planned) = 0;

  /// In every thread but the caller's, before its first picture.
  virtual void begin_thread() = 0;

  /// Reads, paints and writes; nothing when it was interrupted. `files` is held while files are
  /// read or written: not every codec's library is made for several threads.
  virtual std::optional<MadePicture> make(const Pair& pair, PictureReporter& reporter,
                                          const SourceReader& read, std::mutex& files) = 0;
};

}  // namespace styletransfer::cli
