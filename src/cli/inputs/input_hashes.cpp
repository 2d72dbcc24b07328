#include "cli/inputs/input_hashes.h"

#include "cli/inputs/mask_files.h"

namespace styletransfer::cli {

InputHashes input_hashes(const StylizeOptions& options, bool with_network,
                         SharedResources& resources) {
  InputHashes hashes;
  hashes.content = resources.files().hash_of(options.content_path);
  for (const std::string& path : options.style_paths) {
    hashes.styles.push_back(resources.files().hash_of(path));
  }
  for_each_mask(options.masks, [&](const std::string& /*flag*/, const std::string& path) {
    hashes.masks.push_back(resources.files().hash_of(path));
  });
  if (!options.init_path.empty()) hashes.init = resources.files().hash_of(options.init_path);
  if (options.feed_forward.is_wanted()) {
    hashes.init = resources.files().hash_of(options.feed_forward.network_path);
  }
  if (with_network) hashes.network = resources.network_hash();
  return hashes;
}

}  // namespace styletransfer::cli
