#include "cli/workshop.h"

#include <utility>

#include "cli/job_files.h"
#include "cli/resources.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {

void Workshop::open() {
  if (is_open()) return;
  network_ = open_network(options_);
  // Its hash is stored with every result. While the rest is opened there is a processor to spare.
  static_cast<void>(hashing(network_->path, std::launch::async));
  studio_.emplace(*network_, choose_device());
  tell_device();
}

Studio& Workshop::studio() {
  std::call_once(prepared_, [this] {
    studio_->prepare(options_.job.loss);
    // All jobs of a command have this loss, so nothing is prepared from them again.
    for (Layer& layer : network_->layers) layer.weight = layer.bias = at::Tensor();
  });
  return *studio_;
}

const Runtime& Workshop::choose_device() {
  if (!runtime_) runtime_ = resolve_runtime(options_.runtime);
  return *runtime_;
}

void Workshop::tell_device() {
  if (device_is_told_) return;
  log_info("device " + runtime_->description);
  tell_resources(*runtime_, options_.job.memory_limit_bytes);
  device_is_told_ = true;
}

const PaintingNetwork& Workshop::painter(const PaintingOptions& painting) {
  if (painter_) return *painter_;
  try {
    painter_ = std::make_unique<PaintingNetwork>(painting.network_path, painting.convention(),
                                                 choose_device(), painting.in_bfloat16);
  } catch (const UsageError& error) {
    throw UsageError(painting.flag + ": " + error.what());
  }
  log_detail("network " + painting.network_path +
             (painter_->kind().empty() ? "" : " (" + painter_->kind() + ")"));
  return *painter_;
}

std::shared_future<std::string> Workshop::hashing(const std::string& path, std::launch policy) {
  const std::lock_guard lock(hashes_mutex_);
  const auto known = hashes_.find(path);
  if (known != hashes_.end()) return known->second;
  auto hash = std::async(policy, [path] { return file_sha256(path); }).share();
  return hashes_.emplace(path, std::move(hash)).first->second;
}

const std::string& Workshop::hash_of(const std::string& path) {
  // The map keeps what the reference leads to.
  return hashing(path, std::launch::deferred).get();
}

const std::string& Workshop::network_hash() {
  if (network_) return hash_of(network_->path);
  const std::string path = find_network(options_.model_path);
  check_network_file(path);
  return hash_of(path);
}

}  // namespace styletransfer::cli
