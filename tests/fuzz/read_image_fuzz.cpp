// libFuzzer target for all code that reads an image file: probing, full and reduced decoding,
// metadata and stored settings. UsageError is the only exception allowed.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/file_type.h"
#include "image/codecs/heif/heif_container.h"
#include "styletransfer/error.h"
#include "styletransfer/image_io.h"

namespace {

using styletransfer::FileFormat;
using styletransfer::Image;
using styletransfer::ImageFileInfo;

// Larger images are decoded on the reduced path only; far larger ones would only take time.
constexpr std::int64_t kMaxPixelsWhole = 1 << 18;
constexpr std::int64_t kMaxPixelsReduced = 1 << 21;
constexpr int kReducedLongEdge = 7;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_image(const Image& image) {
  const std::size_t pixels = static_cast<std::size_t>(image.size.width_px) * image.size.height_px;
  require(pixels > 0 && image.rgb01.size() == 3 * pixels);
  require(image.alpha01.empty() || image.alpha01.size() == pixels);
  const auto in_range = [](float v) { return v >= 0.0F && v <= 1.0F; };
  require(std::all_of(image.rgb01.begin(), image.rgb01.end(), in_range));
  require(std::all_of(image.alpha01.begin(), image.alpha01.end(), in_range));
}

template <typename Step>
void allowing_refusal(Step&& step) {
  try {
    step();
  } catch (const styletransfer::UsageError& error) {
    require(std::string(error.what()).find('\n') == std::string::npos);
  }
}

void read_everything(const std::string& path) {
  allowing_refusal([&] { (void)styletransfer::read_settings(path); });
  allowing_refusal([&] {
    const ImageFileInfo info = styletransfer::probe_image(path);
    const std::int64_t pixels = std::int64_t{info.size.width_px} * info.size.height_px;
    if (pixels > kMaxPixelsReduced) return;
    check_image(styletransfer::read_image(path, kReducedLongEdge).image);
    if (pixels > kMaxPixelsWhole) return;
    const styletransfer::LoadedImage whole = styletransfer::read_image(path);
    check_image(whole.image);
    require(whole.image.size == info.size && whole.image.has_alpha() == info.has_alpha);
  });
}

bool is_heif(const std::uint8_t* data, std::size_t size) {
  return styletransfer::file_type_of({data, size}).format == FileFormat::kHeif;
}

/// The decoders behind libheif are large and not instrumented here; their bugs are out of scope.
/// The program's own box parser and what it passes to libheif are fuzzed.
void read_heif_boxes(const std::uint8_t* data, std::size_t size) {
  const styletransfer::HeifContainer container({data, size});
  (void)container.missing_bytes();
  (void)container.impossible_bytes();
  (void)container.coded_types();
  const std::vector<std::uint8_t> copy = container.with_image_only();
  if (copy.empty()) return;
  require(copy.size() > size);
  const styletransfer::HeifContainer again(copy);
  require(again.primary_item() == container.primary_item());
  const std::string type = container.type_of(container.primary_item());
  require(again.type_of(again.primary_item()) == type);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  if (is_heif(data, size)) {
    read_heif_boxes(data, size);
    return 0;
  }
  static const int file = memfd_create("fuzz", MFD_CLOEXEC);
  require(file >= 0 && ftruncate(file, 0) == 0);
  require(pwrite(file, data, size, 0) == static_cast<ssize_t>(size));
  read_everything("/proc/self/fd/" + std::to_string(file));
  return 0;
}
