#include "cli/workshop.h"

#include "cli/job_files.h"

namespace styletransfer::cli {

void Workshop::open() {
  if (is_open()) return;
  network_ = open_network(options_);
  runtime_ = resolve_runtime(options_.runtime);
  log_info("device " + runtime_->description);
  studio_.emplace(*network_, *runtime_);
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
