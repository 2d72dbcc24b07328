// What the pictures of one process share: network, device, studio, style pictures.
#pragma once

#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "cli/options.h"
#include "cli/style_pictures.h"

namespace styletransfer::cli {

class Workshop {
 public:
  /// Opens nothing yet. `options` (its network, device and layers) must outlive the workshop.
  explicit Workshop(const JobOptions& options) : options_(options) {}

  /// Chooses the device; nothing the second time. Throws UsageError.
  const Runtime& choose_device();
  /// Says which, once, when the work begins.
  void tell_device();
  [[nodiscard]] bool has_device() const { return runtime_.has_value(); }
  /// The network that paints starts, loaded the first time. Throws UsageError naming its flag.
  [[nodiscard]] const PaintingNetwork& painter(const PaintingOptions& painting);
  /// Held while it paints: one picture at a time.
  [[nodiscard]] std::mutex& painter_mutex() { return painter_mutex_; }

  /// Loads the network and chooses the device; nothing the second time. Throws UsageError.
  void open();
  [[nodiscard]] bool is_open() const { return studio_.has_value(); }

  /// These two: only once it is open. studio() takes the weights, 80 MB of VGG-19, out of the
  /// network: it has its own form of them.
  [[nodiscard]] const Network& network() const { return *network_; }
  [[nodiscard]] Studio& studio();
  /// Only once a device is chosen.
  [[nodiscard]] const Runtime& runtime() const { return *runtime_; }

  /// SHA-256 of a file that the job reads, computed once; for several threads. Throws UsageError.
  [[nodiscard]] const std::string& hash_of(const std::string& path);
  /// That of the network file, open or not. Throws UsageError when there is none.
  [[nodiscard]] const std::string& network_hash();

  [[nodiscard]] StylePictures& style_pictures() { return style_pictures_; }

 private:
  /// Once, loudly, where the user vouches for the networks.
  void warn_of_trust();
  [[nodiscard]] std::shared_future<std::string> hashing(const std::string& path,
                                                        std::launch policy);

  const JobOptions& options_;
  std::optional<Network> network_;
  std::optional<Runtime> runtime_;
  bool device_is_told_ = false;
  bool trust_is_told_ = false;
  std::optional<Studio> studio_;
  std::once_flag prepared_;
  std::unique_ptr<PaintingNetwork> painter_;
  std::mutex painter_mutex_;
  std::mutex hashes_mutex_;
  std::map<std::string, std::shared_future<std::string>> hashes_;
  StylePictures style_pictures_;
};

}  // namespace styletransfer::cli
