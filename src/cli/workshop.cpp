#include "cli/workshop.h"

#include "cli/job_files.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {

void Workshop::open() {
  if (is_open()) return;
  network_ = open_network(options_);
  studio_.emplace(*network_, choose_device());
  tell_device();
}

const Runtime& Workshop::choose_device() {
  if (!runtime_) runtime_ = resolve_runtime(options_.runtime);
  return *runtime_;
}

void Workshop::tell_device() {
  if (!device_is_told_) log_info("device " + runtime_->description);
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

const std::string& Workshop::hash_of(const std::string& path) {
  const std::lock_guard lock(hashes_mutex_);
  const auto known = hashes_.find(path);
  return known != hashes_.end() ? known->second
                                : hashes_.emplace(path, file_sha256(path)).first->second;
}

const std::string& Workshop::network_hash() {
  if (network_) return hash_of(network_->path);
  const std::string path = find_network(options_.model_path);
  check_network_file(path);
  return hash_of(path);
}

}  // namespace styletransfer::cli
