// Resources shared by all images of a process: VGG network, device, session, style images.
#pragma once

#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "cli/inputs/style_images.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

class SharedResources {
 public:
  /// Opens nothing yet. `options` (network, device and layers) must outlive this.
  explicit SharedResources(const JobOptions& options) : options_(options) {}

  /// Chooses the device on the first call. Throws UsageError.
  const Runtime& choose_device();
  /// Logs the device, once.
  void report_device();
  [[nodiscard]] bool has_device() const { return runtime_.has_value(); }
  /// The feed-forward network that makes start images, loaded on the first call. Throws UsageError
  /// that names its flag.
  [[nodiscard]] const FeedForwardNetwork& feed_forward(const FeedForwardOptions& feed_forward);
  /// Held during its forward pass: one image at a time.
  [[nodiscard]] std::mutex& feed_forward_mutex() { return feed_forward_mutex_; }

  /// Loads the VGG network and chooses the device on the first call. Throws UsageError.
  void open();
  [[nodiscard]] bool is_open() const { return session_.has_value(); }

  /// network() and session() require is_open(). session() releases the network's weights (80 MB for
  /// VGG-19), because it has its own copy in another layout.
  [[nodiscard]] const Network& network() const { return *network_; }
  [[nodiscard]] TransferSession& session();
  /// Requires has_device().
  [[nodiscard]] const Runtime& runtime() const { return *runtime_; }

  /// SHA-256 of an input file, computed once; thread-safe. Throws UsageError.
  [[nodiscard]] const std::string& hash_of(const std::string& path);
  /// SHA-256 of the VGG file, open or not. Throws UsageError when there is none.
  [[nodiscard]] const std::string& network_hash();

  [[nodiscard]] StyleImages& style_images() { return style_images_; }

 private:
  /// Warns once when --trust is set.
  void warn_of_trust();
  [[nodiscard]] std::shared_future<std::string> hashing(const std::string& path,
                                                        std::launch policy);

  const JobOptions& options_;
  std::optional<Network> network_;
  std::optional<Runtime> runtime_;
  bool device_is_reported_ = false;
  bool trust_is_reported_ = false;
  std::optional<TransferSession> session_;
  std::once_flag prepared_;
  std::unique_ptr<FeedForwardNetwork> feed_forward_network_;
  std::mutex feed_forward_mutex_;
  std::mutex hashes_mutex_;
  std::map<std::string, std::shared_future<std::string>> hashes_;
  StyleImages style_images_;
};

}  // namespace styletransfer::cli
