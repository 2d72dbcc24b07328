#include "image/codecs/heif/heif_container.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace styletransfer {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes number(std::uint32_t value, int count) {
  Bytes bytes;
  for (int i = count - 1; i >= 0; --i) {
    bytes.push_back(static_cast<std::uint8_t>(value >> (8U * static_cast<unsigned>(i))));
  }
  return bytes;
}

Bytes joined(const std::vector<Bytes>& parts) {
  Bytes bytes;
  for (const Bytes& part : parts) bytes.insert(bytes.end(), part.begin(), part.end());
  return bytes;
}

Bytes text(const std::string& letters) { return {letters.begin(), letters.end()}; }

/// size: the stated size of the box; 0: the actual one.
Bytes box(const std::string& type, const Bytes& content, std::uint32_t size = 0) {
  const auto own = static_cast<std::uint32_t>(content.size() + 8);
  return joined({number(size == 0 ? own : size, 4), text(type), content});
}

/// A file that lists one item, its image. pitm_size: as for box().
Bytes one_item(std::uint32_t pitm_size) {
  const Bytes entry =
      box("infe",
          joined({number(2U << 24U, 4), number(7, 2), number(0, 2), text("hvc1"), number(0, 1)}));
  const Bytes items = box("iinf", joined({number(0, 4), number(1, 2), entry}));
  const Bytes primary = box("pitm", joined({number(0, 4), number(7, 2)}), pitm_size);
  return joined({box("ftyp", joined({text("heic"), number(0, 4)})),
                 box("meta", joined({number(0, 4), items, primary}))});
}

TEST(HeifContainer, ListsTheImageAgainAtTheEndOfACopy) {
  const Bytes file = one_item(0);
  const Bytes copy = HeifContainer(file).with_image_only();
  ASSERT_GT(copy.size(), file.size());
  const HeifContainer again(copy);
  EXPECT_EQ(again.primary_item(), 7U);
  EXPECT_EQ(again.type_of(7), "hvc1");
}

TEST(HeifContainer, ListsNothingAgainWhereAPartOfTheListIsCut) {
  const Bytes file = one_item(1000);
  EXPECT_TRUE(HeifContainer(file).has_items());
  EXPECT_TRUE(HeifContainer(file).with_image_only().empty());
}

}  // namespace
}  // namespace styletransfer
