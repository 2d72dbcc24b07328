#include "cli/inputs/shared_resources.h"

#include <system_error>
#include <utility>

#include "base/sha256.h"
#include "cli/inputs/job_files.h"
#include "cli/terminal/device_lines.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/resource_lines.h"
#include "engine/memory_budget.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {

void SharedResources::open() {
  if (is_open()) return;
  warn_of_trust();
  network_ = open_network(options_);
  // The hash is stored with every result; compute it while a core is idle during opening.
  static_cast<void>(hashing(network_->path, std::launch::async));
  session_.emplace(*network_, choose_device());
  report_device();
}

TransferSession& SharedResources::session() {
  std::call_once(prepared_, [this] {
    session_->prepare(options_.job.loss);
    // All jobs of a command use this loss, so the weights are not prepared again.
    for (Layer& layer : network_->layers) layer.weight = layer.bias = at::Tensor();
  });
  return *session_;
}

const Runtime& SharedResources::choose_device() {
  if (!runtime_) runtime_ = resolve_runtime(options_.runtime);
  return *runtime_;
}

void SharedResources::report_device() {
  if (device_is_reported_) return;
  cli::report_device(*runtime_);
  report_resources(*runtime_, options_.job.memory_limit_bytes);
  device_is_reported_ = true;
}

void SharedResources::warn_of_trust() {
  if (options_.trusts_networks && !trust_is_reported_) {
    log_warning("--trust: the code in network files is not checked and runs with your permissions");
  }
  trust_is_reported_ = true;
}

const FeedForwardNetwork& SharedResources::feed_forward(const FeedForwardOptions& feed_forward) {
  if (feed_forward_network_) return *feed_forward_network_;
  warn_of_trust();
  NetworkGuard guard;
  guard.trust = trust_of(options_);
  guard.memory_bytes = detail::memory_left(options_.job, choose_device());
  guard.poll = end_if_interrupted;
  try {
    feed_forward_network_ =
        std::make_unique<FeedForwardNetwork>(feed_forward.network_path, feed_forward.convention(),
                                             choose_device(), feed_forward.in_bfloat16, guard);
  } catch (const UsageError& error) {
    throw UsageError(feed_forward.flag + ": " + error.what());
  }
  log_detail(
      "network " + feed_forward.network_path +
      (feed_forward_network_->kind().empty() ? "" : " (" + feed_forward_network_->kind() + ")"));
  log_detail("network protection: " + feed_forward_network_->protection());
  return *feed_forward_network_;
}

std::shared_future<std::string> SharedResources::hashing(const std::string& path,
                                                         std::launch policy) {
  const std::lock_guard lock(hashes_mutex_);
  const auto known = hashes_.find(path);
  if (known != hashes_.end()) return known->second;
  const auto work = [path] { return file_sha256(path); };
  std::shared_future<std::string> hash;
  try {
    hash = std::async(policy, work).share();
  } catch (const std::system_error&) {
    // No thread to be had: computed when it is asked for.
    hash = std::async(std::launch::deferred, work).share();
  }
  return hashes_.emplace(path, std::move(hash)).first->second;
}

const std::string& SharedResources::hash_of(const std::string& path) {
  // The map keeps the referenced string alive.
  return hashing(path, std::launch::deferred).get();
}

const std::string& SharedResources::network_hash() {
  if (network_) return hash_of(network_->path);
  const std::string path = find_network(options_.model_path);
  check_network_file(path, trust_of(options_));
  return hash_of(path);
}

}  // namespace styletransfer::cli
