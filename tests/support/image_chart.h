// The test chart shown by the images in tests/data/images (tests/support/make_images.py), and small
// helpers of the image tests.
#pragma once

#include <stdlib.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "styletransfer/image.h"

namespace styletransfer {

constexpr Size kChartSize{24, 16};
constexpr int kChartCell = 8;
constexpr std::array<std::array<std::array<int, 3>, 3>, 2> kChart{{
    {{{204, 48, 44}, {236, 188, 150}, {120, 180, 230}}},
    {{{40, 70, 190}, {110, 70, 50}, {240, 210, 50}}},
}};
constexpr std::array<std::array<int, 3>, 2> kChartAlpha{{{255, 0, 255}, {128, 255, 64}}};

/// The chart as an image.
inline Image chart_image(bool with_alpha) {
  Image image;
  image.size = kChartSize;
  for (int y = 0; y < kChartSize.height_px; ++y) {
    for (int x = 0; x < kChartSize.width_px; ++x) {
      const int row = y / kChartCell;
      const int column = x / kChartCell;
      for (const int value : kChart[row][column]) {
        image.rgb01.push_back(static_cast<float>(value) / 255.0F);
      }
      if (with_alpha)
        image.alpha01.push_back(static_cast<float>(kChartAlpha[row][column]) / 255.0F);
    }
  }
  return image;
}

inline std::string image_path(const std::string& name) {
  return std::string(STYLETRANSFER_SOURCE_DIR) + "/tests/data/images/" + name;
}

/// A temporary folder, deleted with everything in it.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "styletransfer-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no scratch folder");
    path_ = pattern;
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
  [[nodiscard]] std::size_t entry_count() const {
    using Walk = std::filesystem::directory_iterator;
    return static_cast<std::size_t>(std::distance(Walk(path_), Walk()));
  }

 private:
  std::filesystem::path path_;
};

inline std::string file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace styletransfer
