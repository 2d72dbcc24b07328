// Resources shared by all images of a process: VGG network, device, session, style images.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "cli/inputs/input_files.h"
#include "cli/inputs/style_images.h"
#include "cli/options/options.h"
#include "styletransfer/run_report.h"

namespace styletransfer {
class FeedForwardNetwork;
class TransferSession;
struct Network;
struct Runtime;
}  // namespace styletransfer

namespace styletransfer::cli {

class SharedResources {
 public:
  /// Opens nothing yet. `options` (network, device and layers) must outlive this.
  explicit SharedResources(const JobOptions& options);
  ~SharedResources();
  SharedResources(const SharedResources&) = delete;
  SharedResources& operator=(const SharedResources&) = delete;

  /// Chooses the device on the first call. Throws UsageError.
  const Runtime& choose_device();
  /// Logs the device, once.
  void report_device();
  [[nodiscard]] bool has_device() const;
  /// Requires has_device().
  [[nodiscard]] const Runtime& runtime() const;
  /// Empty until a device is chosen.
  [[nodiscard]] MachineReport machine() const;
  /// One job's share of the memory that may still be used on the device, in bytes.
  [[nodiscard]] std::int64_t memory_left(const Job& job);

  /// The feed-forward network that makes start images, loaded on the first call. Throws UsageError
  /// that names its flag.
  [[nodiscard]] const FeedForwardNetwork& feed_forward(const FeedForwardOptions& feed_forward);
  /// Held during its forward pass: one image at a time.
  [[nodiscard]] std::mutex& feed_forward_mutex();

  /// Loads the VGG network and chooses the device on the first call. Throws UsageError.
  void open();
  [[nodiscard]] bool is_open() const;
  /// network() and session() require is_open(). session() releases the network's weights (80 MB for
  /// VGG-19), because it has its own copy in another layout.
  [[nodiscard]] const Network& network() const;
  /// Origin of the network's weights.
  [[nodiscard]] const std::string& network_source() const;
  [[nodiscard]] TransferSession& session();

  [[nodiscard]] InputFiles& files();
  /// Checks a VGG file that was named although nothing loads it. Throws UsageError.
  void check_unused_network() const;
  /// SHA-256 of the VGG file, open or not. Throws UsageError when there is none.
  [[nodiscard]] const std::string& network_hash();

  [[nodiscard]] StyleImages& style_images();

 private:
  /// Holds tensors, which those who share the resources need not know.
  struct State;

  /// Warns once when --trust is set.
  void warn_of_trust();

  const JobOptions& options_;
  std::unique_ptr<State> state_;
};

}  // namespace styletransfer::cli
