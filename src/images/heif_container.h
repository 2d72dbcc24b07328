// What a HEIF or AVIF file holds, read from its boxes (ISO/IEC 14496-12, 23008-12): which items its
// picture needs, whether their data is there, and a copy without the items that it does not need.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "images/decoder.h"

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

/// Where an item's data lies in the file. Data inside the 'meta' box itself counts as well.
struct HeifExtent {
  std::uint32_t item = 0;
  std::uint64_t begin = 0;
  std::uint64_t length = 0;
};

/// Never throws for bad bytes: what cannot be read is missing. Lives no longer than the bytes.
class HeifContainer {
 public:
  explicit HeifContainer(ByteView bytes);

  [[nodiscard]] bool has_items() const { return !items_.empty(); }
  /// The low-overhead layout (MinimizedImageBox), which has no items.
  [[nodiscard]] bool is_minimized() const { return has_mini_; }
  /// A track of pictures, as in a video.
  [[nodiscard]] bool has_track() const { return has_moov_; }
  [[nodiscard]] std::uint32_t primary_item() const { return primary_; }
  /// Empty where the file has no such item.
  [[nodiscard]] std::string type_of(std::uint32_t item) const;

  /// The primary item, what it is derived from, their alpha, and its Exif.
  [[nodiscard]] std::set<std::uint32_t> picture_items() const;
  /// The types of those among them that are coded pictures, alpha included, each once.
  [[nodiscard]] std::set<std::string> coded_types() const;
  /// Whether the picture is coded without colors, and is not put together from tiles.
  [[nodiscard]] bool is_monochrome() const { return monochrome_items_.contains(primary_); }
  /// Whether one of them is an alpha plane.
  [[nodiscard]] bool has_alpha() const;

  /// Something goes on beyond the end of the file, the picture's data or anything else.
  [[nodiscard]] bool is_cut() const { return !cut_box_.empty(); }
  /// Why the picture cannot be whole: its data goes on beyond the end of the file. Empty: it does
  /// not.
  [[nodiscard]] std::string missing_bytes() const;
  /// Why the picture cannot be sound although its data is there: bytes that its coding forbids, or
  /// a long row of zeros as in a download that was broken off. Empty: nothing was found.
  [[nodiscard]] std::string impossible_bytes() const;

  /// A copy of the file that lists picture_items() only, with the references between them, and
  /// with the size of its last box as it is. Empty where the file has no items, where a box of
  /// their list is cut, and from 4 GB on.
  [[nodiscard]] std::vector<std::uint8_t> with_picture_only() const;

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
