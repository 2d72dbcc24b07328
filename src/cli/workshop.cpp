#include "cli/workshop.h"

#include <utility>

#include "cli/device_lines.h"
#include "cli/interrupt.h"
#include "cli/job_files.h"
#include "cli/resources.h"
#include "detail/memory_budget.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {

void Workshop::open() {
  if (is_open()) return;
  warn_of_trust();
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
  cli::tell_device(*runtime_);
  tell_resources(*runtime_, options_.job.memory_limit_bytes);
  device_is_told_ = true;
}

void Workshop::warn_of_trust() {
  if (options_.trusts_networks && !trust_is_told_) {
    log_warning(
        "--trust: the code in network files is not checked and may do anything that you may do");
  }
  trust_is_told_ = true;
}

const PaintingNetwork& Workshop::painter(const PaintingOptions& painting) {
  if (painter_) return *painter_;
  warn_of_trust();
  NetworkGuard guard;
  guard.trust = trust_of(options_);
  guard.memory_bytes = detail::memory_left(options_.job, choose_device());
  guard.poll = end_if_interrupted;
  try {
    painter_ = std::make_unique<PaintingNetwork>(painting.network_path, painting.convention(),
                                                 choose_device(), painting.in_bfloat16, guard);
  } catch (const UsageError& error) {
    throw UsageError(painting.flag + ": " + error.what());
  }
  log_detail("network " + painting.network_path +
             (painter_->kind().empty() ? "" : " (" + painter_->kind() + ")"));
  log_detail("network's protection: " + painter_->protection());
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
  check_network_file(path, trust_of(options_));
  return hash_of(path);
}

}  // namespace styletransfer::cli
