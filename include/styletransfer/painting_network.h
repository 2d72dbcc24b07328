// Layer 2: networks that paint a picture in one pass, of whatever program, in TorchScript files.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "styletransfer/image.h"
#include "styletransfer/network_trust.h"
#include "styletransfer/runtime.h"

namespace styletransfer {

/// What black and white are to a network.
enum class ValueRange { k0To255, k0To1, kMinus1To1 };

/// How a picture becomes a network's input, and its output a picture. Input channel c is
/// (value[c] - mean[c]) / deviation[c], with the value in the input range; the output is in the
/// output range, without mean and deviation.
struct PaintingConvention {
  ValueRange input_range = ValueRange::k0To1;
  ValueRange output_range = ValueRange::k0To1;
  /// Channels are B, G, R on both sides; mean and deviation are in that order as well.
  bool bgr = false;
  /// The network takes sizes that are multiples of this only.
  int multiple_of = 1;
  std::array<double, 3> mean{0.0, 0.0, 0.0};
  std::array<double, 3> deviation{1.0, 1.0, 1.0};
};

/// What a file's attributes or a command line say of a convention; the rest is unset.
struct ConventionClues {
  std::optional<ValueRange> input_range;
  std::optional<ValueRange> output_range;
  std::optional<bool> bgr;
  std::optional<int> multiple_of;
  std::optional<std::array<double, 3>> mean;
  std::optional<std::array<double, 3>> deviation;

  /// Both, with `stronger` winning field by field.
  [[nodiscard]] ConventionClues overridden_by(const ConventionClues& stronger) const;
};

/// The conventions of known families: "pytorch-examples" (fast-neural-style of PyTorch's examples),
/// "cyclegan" (pytorch-CycleGAN-and-pix2pix). Throws UsageError for any other name.
[[nodiscard]] ConventionClues convention_of_family(const std::string& name);

/// What a network made of a picture.
struct PaintedPicture {
  Image image;
  /// Of the values that the network gave, those more than 2 % out of its output range; they are
  /// black or white in the image.
  double share_out_of_range = 0.0;
};

/// How a network's code is run.
struct NetworkGuard {
  NetworkTrust trust = NetworkTrust::kChecked;
  /// What its code may allocate at a time, on the CPU; 0: no limit.
  std::int64_t memory_bytes = 0;
  /// Called about 50 times a second while its code runs, also by paint(). When it throws, the
  /// network is given up: its code goes on by itself, on its thread, until the process ends.
  std::function<void()> poll{};
};

/// A loaded and tried network. Unless it is trusted, its code is checked before anything of it is
/// run (detail/script_check.h), and on the CPU it runs on a thread that can open no files but
/// libraries, use no sockets and start no programs, where the kernel can deny that.
class PaintingNetwork {
 public:
  /// Loads the file onto the runtime's device, in evaluation mode, and tries it on a small picture.
  /// The convention is what the file's attributes say (input_range, output_range, channel_order,
  /// multiple_of, mean, std), with `asked` winning; an output range that nobody names is the input
  /// range. Computes in float32 unless `in_bfloat16`.
  /// Throws UsageError: the file is something else or damaged, its code does more than compute a
  /// picture, nobody says its input range, it asks for too much memory, or it does not make a
  /// picture [1, 3, H, W] of one of the same size. Throws what guard.poll throws.
  PaintingNetwork(const std::string& path, const ConventionClues& asked, const Runtime& runtime,
                  bool in_bfloat16 = false, const NetworkGuard& guard = {});
  ~PaintingNetwork();
  PaintingNetwork(const PaintingNetwork&) = delete;
  PaintingNetwork& operator=(const PaintingNetwork&) = delete;

  [[nodiscard]] const PaintingConvention& convention() const;
  /// What the file calls itself; empty when it says nothing.
  [[nodiscard]] const std::string& kind() const;
  /// Why the network runs on whole pictures only; empty when it can run in strips.
  [[nodiscard]] const std::string& why_whole_only() const;
  /// What keeps its code from the rest of the machine, for people.
  [[nodiscard]] std::string protection() const;

  /// Bytes that painting a picture of this size takes at least, beyond what the process holds.
  [[nodiscard]] std::int64_t least_memory_bytes(Size size) const;

  /// Paints the picture, at its size. A size that is no multiple of the convention's is continued
  /// by mirroring and cut off again. Clear pixels are filled with the mean colour before; alpha
  /// stays. The whole picture at once where that takes at most `limit_bytes`, else in strips whose
  /// sums are those of the whole picture, so that the result is the same. `tick` is called between
  /// layers or strips, and may throw to end the work.
  /// Throws UsageError for a size that cannot fit, with the one that would.
  [[nodiscard]] PaintedPicture paint(
      const Image& picture, std::int64_t limit_bytes,
      const std::function<void(int done, int count)>& tick = {}) const;

 private:
  struct Parts;
  class Runner;
  // Shared with work on the network's thread, which may outlive this object.
  std::shared_ptr<Parts> parts_;
  std::unique_ptr<Runner> runner_;
};

}  // namespace styletransfer
