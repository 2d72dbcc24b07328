// The report as one page that needs nothing from anywhere.
#pragma once

#include <string>

namespace styletransfer::cli {

/// report_page.html with the run's JSON (story_json with pictures) in it. No text of the run can
/// leave its place: every < in the JSON is written as an escape.
[[nodiscard]] std::string report_page(const std::string& json, bool is_live);

/// "data:image/jpeg;base64,...".
[[nodiscard]] std::string data_address(const std::string& jpeg);

}  // namespace styletransfer::cli
