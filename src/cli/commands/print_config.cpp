#include "cli/commands/print_config.h"

#include <nlohmann/json.hpp>
#include <regex>

#include "cli/args/command_shape.h"
#include "cli/args/values.h"
#include "cli/terminal/version.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

/// True for numbers that TOML accepts; others, such as 007, are written as strings.
bool is_toml_number(const std::string& text) {
  static const std::regex kNumber(R"(-?(0|[1-9][0-9]{0,17})(\.[0-9]+)?(e[+-]?[0-9]{1,3})?)");
  return std::regex_match(text, kNumber);
}

/// A basic string: JSON's escapes are valid TOML, except that JSON leaves U+007F unescaped.
std::string quoted(const std::string& flag, const std::string& text) {
  static const std::regex kDelete("\x7f");
  try {
    return std::regex_replace(nlohmann::json(text).dump(), kDelete, "\\u007f");
  } catch (const nlohmann::json::exception&) {
    throw UsageError(flag + " " + text + " is not UTF-8, which TOML requires; rename it");
  }
}

std::string bare_or_quoted(const OptionRow& row, const std::string& text) {
  return !may_be_path(row.metavar) && is_toml_number(text) ? text : quoted(row.flag, text);
}

std::string array_text(const OptionRow& row, const std::vector<std::string>& texts) {
  std::string array = "[";
  for (const std::string& text : texts) {
    array += (array.size() > 1 ? ", " : "") + bare_or_quoted(row, text);
  }
  return array + "]";
}

std::string value_text(const OptionRow& row, const std::vector<std::string>& texts) {
  if (row.form == OptionForm::kToggle) return texts.front();
  if (row.form == OptionForm::kRepeated) return array_text(row, texts);
  if (row.is_list()) return array_text(row, parts_of(texts.front(), ','));
  return bare_or_quoted(row, texts.front());
}

/// "# size = 512", or "# threads: one per physical core" for a default described in prose.
std::string default_line(const OptionRow& row) {
  const std::string name = row.flag.substr(2);
  if (row.form == OptionForm::kToggle) return "# " + name + " = false";
  if (row.default_text.empty()) return "# " + name + ": not set";
  const bool in_words =
      may_be_path(row.metavar) || row.default_text.find_first_of(" ;") != std::string::npos;
  if (in_words) return "# " + name + ": " + row.default_text;
  return "# " + name + " = " + value_text(row, {row.default_text});
}

}  // namespace

std::string config_text(const Settings& settings, const OptionTable& table) {
  std::string text =
      "# styletransfer " + program_version() + ". Commented lines show the defaults.\n";
  std::string group;
  for (const OptionRow& row : table.rows()) {
    // A preset's values are written out.
    if (row.is_command_line_only) continue;
    if (row.group != group) text += "\n# " + row.group + "\n";
    group = row.group;
    const Setting* setting = find_setting(settings, row.flag);
    text += setting == nullptr ? default_line(row)
                               : row.flag.substr(2) + " = " + value_text(row, setting->texts);
    text += "\n";
  }
  return text;
}

}  // namespace styletransfer::cli
