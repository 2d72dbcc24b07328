#include "styletransfer/message.h"

#include <utility>

namespace styletransfer {

Message::Message(std::string text) {
  if (!text.empty()) parts_.push_back({std::move(text), ""});
}

Message Message::of_option(const std::string& field, const std::string& value) {
  Message message;
  message.parts_.push_back({value, field});
  return message;
}

Message& Message::operator+=(const Message& more) {
  // By index: `more` may be this message.
  const std::size_t count = more.parts_.size();
  for (std::size_t i = 0; i < count; ++i) parts_.push_back(more.parts_[i]);
  return *this;
}

std::string Message::text() const {
  return text([](const std::string& field, const std::string& value) {
    return value.empty() ? field : field + " " + value;
  });
}

std::string Message::text(const OptionWriter& write) const {
  std::string all;
  for (const Part& part : parts_) {
    all += part.field.empty() ? part.text : write(part.field, part.text);
  }
  return all;
}

}  // namespace styletransfer
