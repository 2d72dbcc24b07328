#include "cli/terminal/option_names.h"

#include <algorithm>

namespace styletransfer::cli {

std::string flag_of(const std::string& field) {
  std::string flag = "--" + field;
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::string field_of(const std::string& flag) {
  std::string field = flag.substr(flag.find_first_not_of('-'));
  std::replace(field.begin(), field.end(), '-', '_');
  return field;
}

std::string with_flags(const Message& message) {
  return message.text([](const std::string& field, const std::string& value) {
    return flag_of(field) + (value.empty() ? "" : " " + value);
  });
}

}  // namespace styletransfer::cli
