#include "cli/report/report_page.h"

#include <openssl/evp.h>

#include "cli/report/page_template.h"

namespace styletransfer::cli {
namespace {

void replace_mark(std::string& text, const std::string& mark, const std::string& value) {
  const std::size_t at = text.find(mark);
  if (at != std::string::npos) text.replace(at, mark.size(), value);
}

}  // namespace

std::string report_page(const std::string& json, bool is_live) {
  std::string safe;
  safe.reserve(json.size() + json.size() / 16);
  for (const char c : json) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  std::string page = page_template();
  replace_mark(page, "@LIVE@", is_live ? "live" : "file");
  replace_mark(page, "@RUN@", safe);
  return page;
}

std::string data_address(const std::string& jpeg) {
  std::string text(4 * ((jpeg.size() + 2) / 3) + 1, '\0');
  const int count = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                    reinterpret_cast<const unsigned char*>(jpeg.data()),
                                    static_cast<int>(jpeg.size()));
  text.resize(static_cast<std::size_t>(count));
  return "data:image/jpeg;base64," + text;
}

}  // namespace styletransfer::cli
