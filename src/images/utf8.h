// Text from anywhere, made fit for XML.
#pragma once

#include <string>
#include <string_view>

namespace styletransfer {

/// The text with every byte that is no part of valid UTF-8, and every character that XML 1.0 cannot
/// hold, replaced by U+FFFD.
[[nodiscard]] std::string valid_xml_text(std::string_view text);

}  // namespace styletransfer
