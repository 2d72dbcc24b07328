#include "cli/checkpoint/training_settings.h"

#include "cli/inputs/training_photos.h"
#include "cli/options/stored_options.h"
#include "cli/options/tables.h"

namespace styletransfer::cli {

std::string training_settings(const TrainFastOptions& options,
                              const std::vector<std::string>& photos, SharedResources& resources) {
  TrainFastOptions copy = options;
  Json json = compared_options(train_fast_table(copy));
  json["style_sha256"] = Json::array();
  for (const std::string& path : options.style_paths) {
    json["style_sha256"].push_back(resources.files().hash_of(path));
  }
  json["images"] = photos.size();
  json["images_sha256"] = photos_sha256(photos);
  json["network_sha256"] = resources.network_hash();
  return json.dump();
}

std::string training_settings(const TrainCycleganOptions& options,
                              const std::vector<std::string>& a,
                              const std::vector<std::string>& b) {
  TrainCycleganOptions copy = options;
  Json json = compared_options(train_cyclegan_table(copy));
  json["a_images"] = a.size();
  json["a_sha256"] = photos_sha256(a);
  json["b_images"] = b.size();
  json["b_sha256"] = photos_sha256(b);
  return json.dump();
}

}  // namespace styletransfer::cli
