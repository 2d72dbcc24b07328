#include "cli/inputs/input_files.h"

#include <system_error>
#include <utility>

#include "base/sha256.h"
#include "cli/terminal/log.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

template <typename Work>
auto naming_flag(const std::string& flag, const Work& work) {
  try {
    return work();
  } catch (const UsageError& error) {
    if (flag.empty()) throw;
    throw UsageError(flag + ": " + error.message());
  }
}

}  // namespace

ImageFileInfo InputFiles::inspect(const std::string& flag, const std::string& path) {
  return naming_flag(flag, [&] {
    const std::lock_guard lock(mutex_);
    return open_.insert_or_assign(path, ImageFile(path)).first->second.info();
  });
}

LoadedImage InputFiles::read(const std::string& flag, const std::string& path,
                             int wanted_long_edge_px) {
  LoadedImage image = naming_flag(flag, [&] {
    std::unique_lock lock(mutex_);
    auto node = open_.extract(path);
    lock.unlock();
    ImageFile file = node.empty() ? ImageFile(path) : std::move(node.mapped());
    LoadedImage loaded = file.read(wanted_long_edge_px);
    if (!keeps_hashes_) return loaded;
    lock.lock();
    if (hashes_.contains(path)) return loaded;
    std::promise<std::string> hash;
    hash.set_value(file.sha256());
    hashes_.emplace(path, hash.get_future().share());
    return loaded;
  });
  for (const std::string& warning : image.warnings) {
    log_warning(std::string(path).append(": ").append(warning));
  }
  return image;
}

void InputFiles::close(const std::string& path) {
  const std::lock_guard lock(mutex_);
  open_.erase(path);
}

InputFiles::Hash InputFiles::hashing(const std::string& path, std::launch policy) {
  const std::lock_guard lock(mutex_);
  const auto known = hashes_.find(path);
  if (known != hashes_.end()) return known->second;
  const auto work = [path] { return file_sha256(path); };
  Hash hash;
  try {
    hash = std::async(policy, work).share();
  } catch (const std::system_error&) {
    // No thread to be had: computed when it is asked for.
    hash = std::async(std::launch::deferred, work).share();
  }
  return hashes_.emplace(path, std::move(hash)).first->second;
}

const std::string& InputFiles::hash_of(const std::string& path) {
  // The map keeps the referenced string alive.
  return hashing(path, std::launch::deferred).get();
}

void InputFiles::start_hashing(const std::string& path) {
  static_cast<void>(hashing(path, std::launch::async));
}

}  // namespace styletransfer::cli
