// Feed-forward stylization networks in TorchScript files, from this or any other program.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "styletransfer/image.h"
#include "styletransfer/network_convention.h"
#include "styletransfer/network_trust.h"

namespace styletransfer {

struct Runtime;

/// A network's output as an image.
struct NetworkOutput {
  Image image;
  /// Fraction of the network's output values that were more than 2 % outside its output range; they
  /// are clamped to black or white in the image.
  double share_out_of_range = 0.0;
};

/// Restrictions under which a network's code runs.
struct NetworkGuard {
  NetworkTrust trust = NetworkTrust::kChecked;
  /// Limit on what the code may allocate at a time, on the CPU; 0: no limit.
  std::int64_t memory_bytes = 0;
  /// Called about 50 times a second while the code runs, also by paint(). If it throws, the network
  /// is abandoned: its code continues on its own thread until the process ends.
  std::function<void()> poll{};
};

/// A loaded and tested network. Unless it is trusted, its code is checked before any of it runs
/// (serialization/torchscript_check.h), and on the CPU it runs on a thread that, where the kernel
/// supports it, can open no files but libraries, use no sockets and start no programs.
class FeedForwardNetwork {
 public:
  /// Loads the file onto the runtime's device, in evaluation mode, and tests it on a small image.
  /// The convention comes from the file's attributes (input_range, output_range, channel_order,
  /// multiple_of, mean, std), with `asked` winning; the output range defaults to the input range.
  /// Computes in float32 unless `in_bfloat16`.
  /// Throws UsageError if the file is damaged or of another type, its code does more than compute
  /// an image, its input range is unknown, it needs too much memory, or it does not map an image
  /// [1, 3, H, W] to one of the same size. Throws whatever guard.poll throws.
  FeedForwardNetwork(const std::string& path, const ConventionClues& asked, const Runtime& runtime,
                     bool in_bfloat16 = false, const NetworkGuard& guard = {});
  ~FeedForwardNetwork();
  FeedForwardNetwork(const FeedForwardNetwork&) = delete;
  FeedForwardNetwork& operator=(const FeedForwardNetwork&) = delete;

  [[nodiscard]] const NetworkConvention& convention() const;
  /// The file's `kind` attribute; empty if it has none.
  [[nodiscard]] const std::string& kind() const;
  /// Reason why the network runs on whole images only; empty when it can run in strips.
  [[nodiscard]] const std::string& why_whole_only() const;
  /// A readable description of how the code is isolated from the rest of the machine.
  [[nodiscard]] std::string protection() const;

  /// Lower bound of the bytes needed to paint an image of this size, beyond what the process
  /// already uses.
  [[nodiscard]] std::int64_t min_memory_bytes(Size size) const;

  /// Paints the image at its own size. If the size is not a multiple of the convention's, the image
  /// is reflect-padded and the output cropped. Transparent pixels are first filled with the mean
  /// color; alpha is preserved. Runs on the whole image where that takes at most `limit_bytes`,
  /// otherwise in strips with the statistics of the whole image, so the result is the same. `tick`
  /// is called between layers or strips and may throw to cancel.
  /// Throws UsageError for a size that cannot fit, naming the largest one that would.
  [[nodiscard]] NetworkOutput paint(
      const Image& image, std::int64_t limit_bytes,
      const std::function<void(int done, int count)>& tick = {}) const;

 private:
  struct Parts;
  class Runner;
  // Shared with work on the network's thread, which may outlive this object.
  std::shared_ptr<Parts> parts_;
  std::unique_ptr<Runner> runner_;
};

}  // namespace styletransfer
