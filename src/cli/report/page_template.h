// report_page.html, embedded by CMake.
#pragma once

#include <string>

namespace styletransfer::cli {

[[nodiscard]] std::string page_template();

}  // namespace styletransfer::cli
