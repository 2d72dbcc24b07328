#include "cli/args/help_text.h"

#include <sstream>

namespace styletransfer::cli {
namespace {

std::string wrapped(const std::string& line) {
  std::string out;
  std::string rest = line;
  while (rest.size() > kHelpWidth) {
    const std::size_t space = rest.rfind(' ', kHelpWidth);
    if (space == std::string::npos || space <= kHelpColumn) break;
    out += rest.substr(0, space) + "\n";
    rest = std::string(kHelpColumn, ' ') + rest.substr(space + 1);
  }
  return out + rest + "\n";
}

}  // namespace

std::string tidied_help(const std::string& text) {
  std::istringstream lines(text);
  std::string out;
  std::string line;
  bool last_was_empty = true;
  while (std::getline(lines, line)) {
    if (line.empty() && last_was_empty) continue;
    last_was_empty = line.empty();
    out += wrapped(line);
  }
  return out;
}

}  // namespace styletransfer::cli
