// report_page.html, built in by CMake.
#pragma once

#include <string>

namespace styletransfer::cli {

[[nodiscard]] std::string page_template();

}  // namespace styletransfer::cli
