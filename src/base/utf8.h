// Sanitizing of text for XML.
#pragma once

#include <string>
#include <string_view>

namespace styletransfer {

/// Replaces every byte that is not part of valid UTF-8, and every character that XML 1.0 does not
/// allow, by U+FFFD.
[[nodiscard]] std::string valid_xml_text(std::string_view text);

}  // namespace styletransfer
