// The report as one self-contained HTML page.
#pragma once

#include <string>

namespace styletransfer::cli {

/// report_page.html with the run's JSON (report_json with images) embedded. Text of the run cannot
/// escape its script element: every < in the JSON is escaped.
[[nodiscard]] std::string report_page(const std::string& json, bool is_live);

/// "data:image/jpeg;base64,...".
[[nodiscard]] std::string data_address(const std::string& jpeg);

}  // namespace styletransfer::cli
