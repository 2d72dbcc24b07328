#include "cli/args/config_file.h"

#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "cli/args/command_shape.h"
#include "cli/args/values.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20U;

std::string type_text(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::table:
      return "a table";
    default:
      return "a date or time";
  }
}

/// Converts one TOML document into settings.
class ConfigReader {
 public:
  ConfigReader(std::string origin, const OptionTable& table, Source source)
      : origin_(std::move(origin)), table_(table), source_(source) {}

  Settings read(std::string_view text) {
    toml::table document;
    try {
      document = toml::parse(text, origin_);
    } catch (const toml::parse_error& error) {
      refuse_syntax(error);
    }
    std::vector<std::pair<std::uint32_t, Setting>> lines;
    for (const auto& [key, node] : document) {
      lines.emplace_back(key.source().begin.line, setting(std::string(key.str()), key, node));
    }
    // toml++ sorts keys by name; restore file order.
    std::stable_sort(lines.begin(), lines.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    Settings settings;
    for (auto& line : lines) settings.push_back(std::move(line.second));
    return settings;
  }

 private:
  [[nodiscard]] std::string place(std::uint32_t line) const {
    return origin_ + ":" + std::to_string(line) + ": ";
  }

  [[noreturn]] void refuse_syntax(const toml::parse_error& error) const {
    std::string problem(error.description());
    std::replace(problem.begin(), problem.end(), '\n', ' ');
    const std::string where = place(error.source().begin.line);
    // toml++ gives no other sign of what is wrong.
    if (problem.find("redefine") != std::string::npos) {
      throw UsageError(where + "a key is given twice; leave one out (" + problem + ")");
    }
    throw UsageError(where + "this is not TOML: " + problem);
  }

  Setting setting(const std::string& key, const toml::key& source, const toml::node& node) const {
    const std::string at = place(source.source().begin.line);
    const OptionRow* const row = table_.find("--" + key);
    if (row == nullptr) refuse_unknown(key, node, at);
    if (row->is_command_line_only) {
      throw UsageError(at + key + " belongs on the command line, not into a file");
    }
    const std::string where = at + key;
    return {row->flag, texts(*row, node, where), where, source_};
  }

  [[noreturn]] void refuse_unknown(const std::string& key, const toml::node& node,
                                   const std::string& at) const {
    std::vector<std::string> known;
    for (const OptionRow& row : table_.rows()) known.push_back(row.flag.substr(2));
    const std::string problem =
        node.is_table() ? "there are no sections; unknown name '" : "unknown key '";
    throw UsageError(at + problem + key + "'" + did_you_mean(key, known) +
                     " (keys are the flags of --help without dashes)");
  }

  static std::vector<std::string> texts(const OptionRow& row, const toml::node& node,
                                        const std::string& where) {
    if (row.form == OptionForm::kToggle) {
      const auto value = node.value_exact<bool>();
      if (!value) refuse_type(where, "true or false", node);
      return {*value ? "true" : "false"};
    }
    if (const auto value = node.value_exact<bool>(); value && row.form == OptionForm::kOptional) {
      if (!*value) throw UsageError(where + " is off without it; leave it out");
      return {row.implied};
    }
    const toml::array* entries = node.as_array();
    if (entries == nullptr) return {text(row, node, where)};
    if (row.form != OptionForm::kRepeated && !row.is_list()) refuse_type(where, "one value", node);
    if (entries->empty()) throw UsageError(where + " is empty; leave it out");
    std::vector<std::string> parts;
    for (const toml::node& entry : *entries) parts.push_back(text(row, entry, where));
    return row.form == OptionForm::kRepeated ? parts
                                             : std::vector<std::string>{detail::joined(parts, ",")};
  }

  static std::string text(const OptionRow& row, const toml::node& node, const std::string& where) {
    if (const auto value = node.value_exact<std::string>()) return *value;
    if (may_be_path(row.metavar)) refuse_type(where, "a text", node);
    if (const auto value = node.value_exact<std::int64_t>()) return std::to_string(*value);
    if (const auto value = node.value_exact<double>()) {
      // Keep ".0": size = 512.0 must be rejected, like --size 512.0.
      const std::string number = number_text(*value);
      return number.find_first_not_of("-0123456789") == std::string::npos ? number + ".0" : number;
    }
    if (const toml::table* pairs = node.as_table(); pairs != nullptr && row.is_pass()) {
      return pass_text(*pairs, where);
    }
    refuse_type(where, row.is_pass() ? "a text or a table" : "a text or a number", node);
  }

  static std::string pass_text(const toml::table& pairs, const std::string& where) {
    std::vector<std::string> parts;
    for (const auto& [key, node] : pairs) {
      OptionRow number;
      const std::string name(key.str());
      parts.push_back(name + "=" + text(number, node, where + " " + name));
    }
    if (parts.empty()) throw UsageError(where + " has an empty pass; say size or iterations");
    return detail::joined(parts, ",");
  }

  [[noreturn]] static void refuse_type(const std::string& where, const std::string& wanted,
                                       const toml::node& node) {
    throw UsageError(where + " takes " + wanted + ", and this is " + type_text(node));
  }

  std::string origin_;
  const OptionTable& table_;
  Source source_;
};

}  // namespace

Settings read_config_text(std::string_view text, const std::string& origin,
                          const OptionTable& table, Source source) {
  return ConfigReader(origin, table, source).read(text);
}

Settings read_config_file(const std::string& path, const OptionTable& table) {
  std::error_code problem;
  if (std::filesystem::is_directory(path, problem)) {
    throw UsageError("--config " + path + " is a folder; name a TOML file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw UsageError("--config " + path + " cannot be read: " + std::strerror(errno));
  }
  std::string text(kMaxBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) throw UsageError("--config " + path + " cannot be read to its end");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxBytes) {
    throw UsageError("--config " + path + " is larger than 1 MB; it is no configuration file");
  }
  return read_config_text(text, path, table, Source::kConfigFile);
}

}  // namespace styletransfer::cli
