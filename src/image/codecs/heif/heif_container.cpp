#include "image/codecs/heif/heif_container.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/big_endian.h"
#include "image/codecs/heif/hevc_data.h"

namespace styletransfer {

struct HeifContainer::Box {
  std::string type;
  std::size_t begin = 0;
  std::size_t payload = 0;
  std::size_t end = 0;
  /// Its stated size exceeds the box that contains it.
  bool is_cut = false;
};

namespace {

bool is_alpha_urn(const std::string& urn) {
  return urn == "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha" ||
         urn == "urn:mpeg:hevc:2015:auxid:1" || urn == "urn:mpeg:avc:2015:auxid:1";
}

/// Images derived from others; every other type that is not metadata holds a coded image.
bool is_derived(const std::string& type) {
  return type == "grid" || type == "iden" || type == "iovl" || type == "tmap" || type == "sato";
}

/// Returns true if a decoder configuration ('hvcC', 'av1C') specifies no color.
bool is_monochrome_config(const std::string& property, ByteView content) {
  constexpr std::size_t kHevcChromaFormat = 16;
  constexpr std::size_t kAv1Flags = 2;
  if (property == "hvcC") {
    return content.size() > kHevcChromaFormat && (content[kHevcChromaFormat] & 3) == 0;
  }
  return property == "av1C" && content.size() > kAv1Flags && (content[kAv1Flags] & 0x10) != 0;
}

/// Returns the start of a run of zeros longer than entropy coding produces by chance.
std::optional<std::size_t> long_row_of_zeros(ByteView data) {
  constexpr std::size_t kLongestByChance = 256;
  std::size_t zeros = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    zeros = data[i] == 0 ? zeros + 1 : 0;
    if (zeros > kLongestByChance) return i + 1 - zeros;
  }
  return std::nullopt;
}

std::string shown_code(const std::string& code) {
  std::string shown = code;
  std::replace_if(
      shown.begin(), shown.end(), [](unsigned char c) { return c < 32 || c > 126; }, '?');
  return shown;
}

}  // namespace

std::vector<HeifContainer::Box> HeifContainer::boxes_in(ByteView bytes, std::size_t begin,
                                                        std::size_t end) {
  constexpr std::size_t kShortHeader = 8;
  constexpr std::size_t kLongHeader = 16;
  std::vector<Box> boxes;
  while (end - begin >= kShortHeader) {
    BigEndianReader reader(bytes.subspan(begin, end - begin));
    Box box;
    box.begin = begin;
    std::uint64_t size = reader.number(4);
    box.type = reader.code();
    box.payload = begin + kShortHeader;
    if (size == 1) {
      size = reader.number(8);
      box.payload = begin + kLongHeader;
    } else if (size == 0) {
      // Only the last box of the file may omit its size.
      if (end != bytes.size()) break;
      size = end - begin;
    }
    if (!reader.ok() || size < box.payload - begin) break;
    box.is_cut = size > end - begin;
    box.end = box.is_cut ? end : begin + static_cast<std::size_t>(size);
    begin = box.end;
    boxes.push_back(std::move(box));
  }
  return boxes;
}

HeifContainer::HeifContainer(ByteView bytes) : bytes_(bytes) {
  for (const Box& box : boxes_in(bytes, 0, bytes.size())) {
    if (box.is_cut && cut_box_.empty()) cut_box_ = box.type;
    if (box.type == "mini") has_mini_ = true;
    if (box.type == "moov") has_moov_ = true;
    if (box.type == "meta" && meta_end_ == 0) read_meta(box);
  }
}

void HeifContainer::read_meta(const Box& meta) {
  constexpr std::size_t kVersionBytes = 4;
  if (meta.end - meta.payload < kVersionBytes) return;
  meta_payload_ = meta.payload + kVersionBytes;
  meta_end_ = meta.end;
  const std::vector<Box> boxes = boxes_in(bytes_, meta_payload_, meta_end_);
  const auto find = [&](const char* type) {
    const auto found =
        std::find_if(boxes.begin(), boxes.end(), [&](const Box& box) { return box.type == type; });
    return found != boxes.end() ? &*found : nullptr;
  };
  if (const Box* box = find("pitm")) {
    BigEndianReader reader(bytes_.subspan(box->payload, box->end - box->payload));
    const auto version = reader.number(1);
    reader.number(3);
    primary_ = reader.number32(version == 0 ? 2 : 4);
  }
  if (const Box* box = find("iinf")) read_items(*box);
  if (const Box* box = find("iref")) read_references(*box);
  if (const Box* box = find("iloc")) read_locations(*box, find("idat"));
  if (const Box* box = find("iprp")) read_properties(*box);
}

void HeifContainer::read_items(const Box& box) {
  BigEndianReader head(bytes_.subspan(box.payload, box.end - box.payload));
  const auto version = head.number(1);
  head.number(3);
  head.number(version == 0 ? 2 : 4);
  for (const Box& entry : boxes_in(bytes_, box.payload + head.position(), box.end)) {
    if (entry.type != "infe") continue;
    BigEndianReader reader(bytes_.subspan(entry.payload, entry.end - entry.payload));
    const auto entry_version = reader.number(1);
    reader.number(3);
    HeifItem item;
    item.id = reader.number32(entry_version == 3 ? 4 : 2);
    reader.number(2);
    if (entry_version >= 2) item.type = reader.code();
    item.entry = bytes_.subspan(entry.begin, entry.end - entry.begin);
    if (!reader.ok()) continue;
    types_.emplace(item.id, item.type);
    items_.push_back(std::move(item));
  }
}

void HeifContainer::read_references(const Box& box) {
  BigEndianReader head(bytes_.subspan(box.payload, box.end - box.payload));
  const unsigned id_bytes = head.number(1) == 0 ? 2 : 4;
  head.number(3);
  for (const Box& entry : boxes_in(bytes_, box.payload + head.position(), box.end)) {
    BigEndianReader reader(bytes_.subspan(entry.payload, entry.end - entry.payload));
    HeifReference reference{entry.type, reader.number32(id_bytes), {}};
    const auto count = reader.number(2);
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
      const std::uint32_t to = reader.number32(id_bytes);
      if (reader.ok()) reference.to.push_back(to);
    }
    references_.push_back(std::move(reference));
  }
}

void HeifContainer::read_locations(const Box& box, const Box* data_in_meta) {
  BigEndianReader reader(bytes_.subspan(box.payload, box.end - box.payload));
  const auto version = reader.number(1);
  reader.number(3);
  const auto sizes = reader.number32(2);
  const unsigned offset_bytes = sizes >> 12 & 15;
  const unsigned length_bytes = sizes >> 8 & 15;
  const unsigned base_bytes = sizes >> 4 & 15;
  const unsigned index_bytes = version >= 1 ? sizes & 15 : 0;
  if (std::max({offset_bytes, length_bytes, base_bytes, index_bytes}) > 8) return;
  const auto item_count = reader.number(version < 2 ? 2 : 4);
  for (std::uint64_t i = 0; i < item_count && reader.ok(); ++i) {
    HeifExtent extent;
    extent.item = reader.number32(version < 2 ? 2 : 4);
    const auto method = version >= 1 ? reader.number(2) & 15 : 0;
    const auto other_file = reader.number(2);
    const auto base = reader.number(base_bytes);
    auto extent_count = reader.number(2);
    // Extents without offset, length and index are all identical.
    if (offset_bytes + length_bytes + index_bytes == 0) extent_count = std::min(extent_count, 1UL);
    for (std::uint64_t e = 0; e < extent_count && reader.ok(); ++e) {
      reader.number(index_bytes);
      const auto offset = reader.number(offset_bytes);
      extent.length = reader.number(length_bytes);
      constexpr std::uint64_t kHighest = std::numeric_limits<std::uint64_t>::max() / 4;
      if (!reader.ok() || base > kHighest || offset > kHighest || extent.length > kHighest) break;
      extent.begin = base + offset;
      const bool in_file = method == 0 && other_file == 0;
      const bool in_meta = method == 1 && data_in_meta != nullptr;
      if (in_meta) extent.begin += data_in_meta->payload;
      if (in_file || in_meta) extents_.push_back(extent);
    }
  }
}

void HeifContainer::read_properties(const Box& box) {
  std::vector<bool> is_alpha;
  std::vector<bool> is_monochrome;
  const std::vector<Box> boxes = boxes_in(bytes_, box.payload, box.end);
  for (const Box& list : boxes) {
    if (list.type != "ipco") continue;
    for (const Box& property : boxes_in(bytes_, list.payload, list.end)) {
      const ByteView content = bytes_.subspan(property.payload, property.end - property.payload);
      is_monochrome.push_back(is_monochrome_config(property.type, content));
      BigEndianReader reader(content);
      reader.number(4);
      is_alpha.push_back(property.type == "auxC" && is_alpha_urn(reader.text()));
    }
  }
  for (const Box& links : boxes) {
    if (links.type != "ipma") continue;
    BigEndianReader reader(bytes_.subspan(links.payload, links.end - links.payload));
    const auto version = reader.number(1);
    const bool wide = (reader.number(3) & 1) != 0;
    const auto item_count = reader.number(4);
    for (std::uint64_t i = 0; i < item_count && reader.ok(); ++i) {
      const std::uint32_t item = reader.number32(version < 1 ? 2 : 4);
      const auto count = reader.number(1);
      for (std::uint64_t p = 0; p < count && reader.ok(); ++p) {
        const auto index = reader.number(wide ? 2 : 1) & (wide ? 0x7FFF : 0x7F);
        if (!reader.ok() || index < 1 || index > is_alpha.size()) continue;
        if (is_alpha[index - 1]) alpha_items_.insert(item);
        if (is_monochrome[index - 1]) monochrome_items_.insert(item);
      }
    }
  }
}

std::string HeifContainer::type_of(std::uint32_t item) const {
  const auto found = types_.find(item);
  return found != types_.end() ? shown_code(found->second) : std::string();
}

std::set<std::uint32_t> HeifContainer::image_items() const {
  std::multimap<std::uint32_t, const HeifReference*> sources;
  std::multimap<std::uint32_t, const HeifReference*> attached;
  for (const HeifReference& reference : references_) {
    if (reference.type == "dimg") sources.emplace(reference.from, &reference);
    const bool is_alpha = reference.type == "auxl" && alpha_items_.contains(reference.from);
    if (!is_alpha && reference.type != "cdsc") continue;
    for (const std::uint32_t to : reference.to) {
      if (is_alpha || to == primary_) attached.emplace(to, &reference);
    }
  }
  std::set<std::uint32_t> found;
  std::vector<std::uint32_t> open{primary_};
  while (!open.empty()) {
    const std::uint32_t item = open.back();
    open.pop_back();
    if (!found.insert(item).second) continue;
    const auto [first, last] = sources.equal_range(item);
    for (auto at = first; at != last; ++at) {
      open.insert(open.end(), at->second->to.begin(), at->second->to.end());
    }
    const auto [first_attached, last_attached] = attached.equal_range(item);
    for (auto at = first_attached; at != last_attached; ++at) {
      const HeifReference& reference = *at->second;
      if (reference.type == "auxl" || type_of(reference.from) == "Exif") {
        open.push_back(reference.from);
      }
    }
  }
  return found;
}

std::set<std::string> HeifContainer::coded_types() const {
  const std::set<std::uint32_t> wanted = image_items();
  std::set<std::string> types;
  for (const HeifItem& item : items_) {
    const bool is_coded = !is_derived(item.type) && item.type != "Exif";
    if (wanted.contains(item.id) && is_coded) types.insert(shown_code(item.type));
  }
  return types;
}

bool HeifContainer::has_alpha() const {
  const std::set<std::uint32_t> wanted = image_items();
  return std::any_of(alpha_items_.begin(), alpha_items_.end(),
                     [&](std::uint32_t item) { return wanted.contains(item); });
}

std::string HeifContainer::missing_bytes() const {
  const std::set<std::uint32_t> wanted = image_items();
  for (const HeifExtent& extent : extents_) {
    if (extent.begin + extent.length > bytes_.size() && wanted.contains(extent.item)) {
      return "its image's data goes on to byte " + std::to_string(extent.begin + extent.length) +
             ", the file has " + std::to_string(bytes_.size());
    }
  }
  if (!cut_box_.empty() && (!has_items() || cut_box_ == "meta" || cut_box_ == "mini")) {
    return "its '" + shown_code(cut_box_) + "' box goes on beyond the end of the file";
  }
  return {};
}

std::string HeifContainer::impossible_bytes() const {
  const std::set<std::uint32_t> wanted = image_items();
  std::map<std::uint32_t, int> extent_counts;
  for (const HeifExtent& extent : extents_) ++extent_counts[extent.item];
  for (const HeifExtent& extent : extents_) {
    const std::string type = type_of(extent.item);
    const bool is_coded = !is_derived(type) && type != "Exif" && type != "unci";
    if (!wanted.contains(extent.item) || !is_coded) continue;
    if (extent.begin + extent.length > bytes_.size()) continue;
    const ByteView data = bytes_.subspan(static_cast<std::size_t>(extent.begin),
                                         static_cast<std::size_t>(extent.length));
    // Units split into several extents are left to the decoder.
    if (type == "hvc1" && extent_counts[extent.item] == 1) {
      if (const auto at = impossible_hevc_byte(data)) {
        return "its image's data is broken at byte " + std::to_string(extent.begin + *at);
      }
    }
    if (const auto at = long_row_of_zeros(data)) {
      return "its image's data is a row of zeros from byte " + std::to_string(extent.begin + *at) +
             " on, as in an incomplete download";
    }
  }
  return {};
}

std::vector<std::uint8_t> HeifContainer::meta_with(const std::set<std::uint32_t>& kept) const {
  std::vector<std::uint8_t> meta;
  const auto copy = [&](std::size_t begin, std::size_t end) {
    meta.insert(meta.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(begin),
                bytes_.begin() + static_cast<std::ptrdiff_t>(end));
  };
  const auto begin_box = [&](const char* type) {
    const std::size_t at = meta.size();
    append_number(meta, 0, 4);
    for (int i = 0; i < 4; ++i) meta.push_back(static_cast<std::uint8_t>(type[i]));
    return at;
  };
  const auto end_box = [&](std::size_t at) {
    std::vector<std::uint8_t> size;
    append_number(size, meta.size() - at, 4);
    std::copy(size.begin(), size.end(), meta.begin() + static_cast<std::ptrdiff_t>(at));
  };
  const std::size_t whole = begin_box("meta");
  copy(meta_payload_ - 4, meta_payload_);
  for (const Box& box : boxes_in(bytes_, meta_payload_, meta_end_)) {
    if (box.type == "grpl") continue;
    if (box.type != "iinf" && box.type != "iref") {
      copy(box.begin, box.end);
      continue;
    }
    const std::size_t at = begin_box(box.type.c_str());
    if (box.type == "iinf") {
      const auto wanted = [&](const HeifItem& item) { return kept.contains(item.id); };
      append_number(meta, 1U << 24, 4);  // Version 1: a count of four bytes.
      append_number(meta, std::count_if(items_.begin(), items_.end(), wanted), 4);
      for (const HeifItem& item : items_) {
        if (wanted(item)) meta.insert(meta.end(), item.entry.begin(), item.entry.end());
      }
    } else {
      append_number(meta, 1U << 24, 4);  // Version 1: numbers of four bytes.
      for (HeifReference reference : references_) {
        std::erase_if(reference.to, [&](std::uint32_t to) { return !kept.contains(to); });
        const bool wanted = reference.type == "dimg" || reference.type == "auxl" ||
                            reference.type == "prem" || reference.type == "cdsc";
        if (!wanted || !kept.contains(reference.from) || reference.to.empty()) continue;
        if (reference.type != "dimg") reference.to.resize(1);
        const std::size_t entry = begin_box(reference.type.c_str());
        append_number(meta, reference.from, 4);
        append_number(meta, reference.to.size(), 2);
        for (const std::uint32_t to : reference.to) append_number(meta, to, 4);
        end_box(entry);
      }
    }
    end_box(at);
  }
  end_box(whole);
  return meta;
}

std::vector<std::uint8_t> HeifContainer::with_image_only() const {
  if (!has_items() || bytes_.size() > std::numeric_limits<std::uint32_t>::max()) return {};
  // A list that is itself truncated cannot be rewritten.
  const std::vector<Box> parts = boxes_in(bytes_, meta_payload_, meta_end_);
  if (std::any_of(parts.begin(), parts.end(), [](const Box& box) { return box.is_cut; })) return {};
  std::vector<std::uint8_t> copy(bytes_.begin(), bytes_.end());
  const auto overwrite = [&](std::size_t at, const std::vector<std::uint8_t>& with) {
    std::copy(with.begin(), with.end(), copy.begin() + static_cast<std::ptrdiff_t>(at));
  };
  // The old list becomes free space and the new one is appended: no data moves.
  const std::vector<Box> boxes = boxes_in(bytes_, 0, bytes_.size());
  for (const Box& box : boxes) {
    if (box.type == "meta") overwrite(box.begin + 4, {'f', 'r', 'e', 'e'});
  }
  // The last box must end where the new list begins, whatever its stated size and whatever follows
  // it. A 64-bit size field stays; the box's content is then eight bytes longer.
  std::vector<std::uint8_t> size;
  append_number(size, bytes_.size() - boxes.back().begin, 4);
  overwrite(boxes.back().begin, size);
  const std::vector<std::uint8_t> meta = meta_with(image_items());
  copy.insert(copy.end(), meta.begin(), meta.end());
  return copy;
}

}  // namespace styletransfer
