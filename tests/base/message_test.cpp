#include "styletransfer/message.h"

#include <gtest/gtest.h>

namespace styletransfer {
namespace {

const Message::OptionWriter kFlags = [](const std::string& field, const std::string& value) {
  return "--" + field + (value.empty() ? "" : "=" + value);
};

TEST(Message, WritesOptionsAsFieldsOrAsTheProgramCallsThem) {
  const Message message =
      "lower " + option("size") + ", or use " + option("optimizer", "adam") + ".";
  EXPECT_EQ(message.text(), "lower size, or use optimizer adam.");
  EXPECT_EQ(message.text(kFlags), "lower --size, or use --optimizer=adam.");
}

TEST(Message, LeavesWhatLooksLikeAnOptionInPlainText) {
  const Message message = std::string("photo{size}--size.jpg: ") + option("size");
  EXPECT_EQ(message.text(kFlags), "photo{size}--size.jpg: --size");
}

TEST(Message, IsEmptyWithoutText) {
  EXPECT_TRUE(Message().empty());
  EXPECT_TRUE(Message("").empty());
  EXPECT_TRUE((Message("") + "").empty());
  EXPECT_FALSE(option("size").empty());
  EXPECT_EQ(Message().text(), "");
}

TEST(Message, CanBeAddedToItself) {
  Message message = "a" + option("b");
  message += message;
  EXPECT_EQ(message.text(), "abab");
}

}  // namespace
}  // namespace styletransfer
