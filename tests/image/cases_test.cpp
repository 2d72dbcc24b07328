// Runs the shared reader cases (a JSON file with the expected properties of each image) if they
// exist.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "styletransfer/error.h"
#include "styletransfer/image_io.h"

namespace styletransfer {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

fs::path cases_folder() {
  if (const char* folder = std::getenv("STYLETRANSFER_READER_CASES")) return folder;
  return fs::path(STYLETRANSFER_SOURCE_DIR) / ".." / "shared" / "cases" / "input";
}

double value_at(const Image& image, const Json& probe, int channel) {
  const std::size_t pixel =
      probe["y"].get<std::size_t>() * image.size.width_px + probe["x"].get<std::size_t>();
  return 255.0 * (channel < 3 ? image.rgb01[pixel * 3 + channel] : image.alpha01[pixel]);
}

/// Describes the mismatch; empty: none.
std::string mismatch(const LoadedImage& loaded, const Json& expected) {
  const Size size = loaded.image.size;
  if (Json::array({size.width_px, size.height_px}) != expected["size"]) return "wrong size";
  for (const Json& probe : expected["probes"]) {
    for (int c = 0; c < 3; ++c) {
      const double value = value_at(loaded.image, probe, c);
      // The tolerance is in whole 8-bit steps.
      if (std::abs(std::round(value) - probe["rgb"][c].get<double>()) >
          probe["tolerance"].get<double>()) {
        return "probe " + probe.dump() + " is " + std::to_string(value) + " in channel " +
               std::to_string(c);
      }
    }
  }
  for (const Json& probe : expected.value("alpha", Json::array())) {
    if (!loaded.image.has_alpha()) return "no alpha";
    for (int c = 0; c < 4; ++c) {
      const double wanted = (c < 3 ? probe["stored_rgb"][c] : probe["alpha"]).get<double>();
      if (std::abs(std::round(value_at(loaded.image, probe, c)) - wanted) >
          probe["tolerance"].get<double>()) {
        return "alpha probe " + probe.dump() + " is off in channel " + std::to_string(c);
      }
    }
  }
  if (expected.value("warn", false) && loaded.warnings.empty()) return "no warning";
  return {};
}

std::string lowered(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string mismatch(const UsageError& error, const Json& expected, const std::string& path) {
  std::string message = error.what();
  if (message.find('\n') != std::string::npos) return "more than one line: " + message;
  if (!message.starts_with(path)) return "does not begin with the path: " + message;
  message = lowered(message.substr(path.size()));
  for (const Json& word : expected["mentions"]) {
    if (message.find(lowered(word.get<std::string>())) != std::string::npos) return {};
  }
  return "says none of the words: " + message;
}

/// Describes the mismatch with both accepted descriptions; empty if the file matches one.
std::string behavior_mismatch(const std::string& path, const Json& test) {
  std::vector<Json> accepted{test["expected"]};
  if (test.contains("or")) accepted.push_back(test["or"]);
  std::string all;
  for (const Json& expected : accepted) {
    std::string wrong;
    try {
      const LoadedImage loaded = read_image(path);
      wrong = expected["read"].get<bool>() ? mismatch(loaded, expected) : "was read";
    } catch (const UsageError& error) {
      wrong = expected["read"].get<bool>() ? error.what() : mismatch(error, expected, path);
    }
    if (wrong.empty()) return {};
    all += wrong + "; ";
  }
  return all;
}

TEST(ReaderCases, BehaveAsExpected) {
  const fs::path folder = cases_folder();
  std::ifstream file(folder / "expected.json");
  if (!file) GTEST_SKIP() << "no reader cases at " << folder;
  const Json cases = Json::parse(file)["cases"];
  ASSERT_FALSE(cases.empty());
  for (const Json& test : cases) {
    const std::string name = test["name"].get<std::string>();
    EXPECT_EQ(behavior_mismatch((folder / name).string(), test), "") << name;
  }
}

TEST(ReaderCases, ProbeAgreesWithReading) {
  const fs::path folder = cases_folder();
  std::ifstream file(folder / "expected.json");
  if (!file) GTEST_SKIP() << "no reader cases at " << folder;
  const Json cases = Json::parse(file)["cases"];
  for (const Json& test : cases) {
    if (!test["expected"]["read"].get<bool>()) continue;
    const std::string path = (folder / test["name"].get<std::string>()).string();
    const ImageFileInfo probed = probe_image(path);
    const LoadedImage loaded = read_image(path);
    EXPECT_EQ(probed.size, loaded.image.size) << path;
    EXPECT_EQ(probed.format, loaded.file.format) << path;
    EXPECT_EQ(probed.has_alpha, loaded.image.has_alpha()) << path;
  }
}

}  // namespace
}  // namespace styletransfer
