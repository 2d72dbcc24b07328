#include "cli/input_hashes.h"

#include "cli/mask_files.h"

namespace styletransfer::cli {

InputHashes input_hashes(const StylizeOptions& options, bool with_network, Workshop& workshop) {
  InputHashes hashes;
  hashes.content = workshop.hash_of(options.content_path);
  for (const std::string& path : options.style_paths) {
    hashes.styles.push_back(workshop.hash_of(path));
  }
  for_each_mask(options.masks, [&](const std::string& /*flag*/, const std::string& path) {
    hashes.masks.push_back(workshop.hash_of(path));
  });
  if (!options.init_path.empty()) hashes.init = workshop.hash_of(options.init_path);
  if (options.painting.is_wanted()) {
    hashes.init = workshop.hash_of(options.painting.network_path);
  }
  if (with_network) hashes.network = workshop.network_hash();
  return hashes;
}

}  // namespace styletransfer::cli
