// HEIF and AVIF container, parsed from its boxes (ISO/IEC 14496-12, 23008-12): finds the items that
// its image needs, checks that their data is present, and makes a copy without other items.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "image/codecs/decoder.h"

namespace styletransfer {

struct HeifItem {
  std::uint32_t id = 0;
  /// Four letters: "hvc1", "grid", "Exif", ...; empty in files of the oldest version.
  std::string type;
  /// The whole 'infe' box.
  ByteView entry;
};

struct HeifReference {
  std::string type;
  std::uint32_t from = 0;
  std::vector<std::uint32_t> to;
};

/// Location of an item's data in the file. Includes data inside the 'meta' box itself.
struct HeifExtent {
  std::uint32_t item = 0;
  std::uint64_t begin = 0;
  std::uint64_t length = 0;
};

/// Never throws for bad bytes: unreadable parts are absent. The bytes must outlive it.
class HeifContainer {
 public:
  explicit HeifContainer(ByteView bytes);

  [[nodiscard]] bool has_items() const { return !items_.empty(); }
  /// The low-overhead layout (MinimizedImageBox), which has no items.
  [[nodiscard]] bool is_minimized() const { return has_mini_; }
  /// A track of images, as in a video.
  [[nodiscard]] bool has_track() const { return has_moov_; }
  [[nodiscard]] std::uint32_t primary_item() const { return primary_; }
  /// Empty if the file has no such item.
  [[nodiscard]] std::string type_of(std::uint32_t item) const;

  /// The primary item, the items it is derived from, their alpha, and its Exif.
  [[nodiscard]] std::set<std::uint32_t> image_items() const;
  /// The types of those items that are coded images, alpha included, each once.
  [[nodiscard]] std::set<std::string> coded_types() const;
  /// Returns true if the image is coded without colors and is not assembled from tiles.
  [[nodiscard]] bool is_monochrome() const { return monochrome_items_.contains(primary_); }
  /// Returns true if one of them is an alpha plane.
  [[nodiscard]] bool has_alpha() const;

  /// Returns true if anything in the file extends beyond its end.
  [[nodiscard]] bool is_cut() const { return !cut_box_.empty(); }
  /// Returns the reason why the image is incomplete: its data extends beyond the end of the file.
  /// Empty: it is complete.
  [[nodiscard]] std::string missing_bytes() const;
  /// Returns the reason why the image is damaged although its data is present: bytes that its
  /// coding forbids, or a long run of zeros as in an interrupted download. Empty: nothing was
  /// found.
  [[nodiscard]] std::string impossible_bytes() const;

  /// Returns a copy of the file that lists only image_items(), with the references between them,
  /// and with the actual size of its last box. Empty if the file has no items, a box of their list
  /// is truncated, or the file has 4 GB or more.
  [[nodiscard]] std::vector<std::uint8_t> with_image_only() const;

 private:
  struct Box;
  [[nodiscard]] static std::vector<Box> boxes_in(ByteView bytes, std::size_t begin,
                                                 std::size_t end);
  void read_meta(const Box& meta);
  void read_items(const Box& box);
  void read_references(const Box& box);
  void read_locations(const Box& box, const Box* data_in_meta);
  void read_properties(const Box& box);
  [[nodiscard]] std::vector<std::uint8_t> meta_with(const std::set<std::uint32_t>& kept) const;

  ByteView bytes_;
  std::vector<HeifItem> items_;
  std::map<std::uint32_t, std::string> types_;
  std::vector<HeifReference> references_;
  std::vector<HeifExtent> extents_;
  std::set<std::uint32_t> alpha_items_;
  std::set<std::uint32_t> monochrome_items_;
  std::uint32_t primary_ = 0;
  std::size_t meta_end_ = 0;
  std::size_t meta_payload_ = 0;
  std::string cut_box_;
  bool has_mini_ = false;
  bool has_moov_ = false;
};

}  // namespace styletransfer
