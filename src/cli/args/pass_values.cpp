#include "cli/args/pass_values.h"

namespace styletransfer::cli {
namespace {

/// The option's name without dashes.
std::string key_of(const OptionRow& row) { return row.flag.substr(2); }

std::vector<std::string> pass_keys(const OptionTable& table) {
  std::vector<std::string> keys;
  for (const OptionRow& row : table.rows()) {
    if (row.pass_key) keys.push_back(key_of(row));
  }
  return keys;
}

}  // namespace

PassOverrides set_pass(const OptionTable& table, const std::string& where,
                       const std::string& text) {
  PassOverrides pass;
  for (const std::string& part : split_list(where, text)) {
    const std::size_t equals = part.find('=');
    const std::string key = part.substr(0, equals);
    if (equals == std::string::npos) {
      refuse_value(where, text, "'" + part + "' is not key=value, such as size=256,iterations=70");
    }
    const OptionRow* const row = table.find("--" + key);
    if (row == nullptr || !row->pass_key) {
      const std::vector<std::string> keys = pass_keys(table);
      refuse_value(
          where, text,
          "unknown key '" + key + "'; choose " + either_of(keys) + did_you_mean(key, keys));
    }
    if (!row->pass_key->get(pass).is_null()) {
      refuse_value(where, text, "'" + key + "' is given twice; leave one out");
    }
    row->pass_key->set(pass, where + " " + key + "=", part.substr(equals + 1));
  }
  return pass;
}

std::string pass_text(const OptionTable& table, const PassOverrides& pass) {
  std::vector<std::string> parts;
  for (const OptionRow& row : table.rows()) {
    const Json value = row.pass_key ? row.pass_key->get(pass) : Json();
    if (value.is_null()) continue;
    const std::string number =
        value.is_number_float() ? number_text(value.get<double>()) : value.dump();
    parts.push_back(key_of(row) + "=" + number);
  }
  return detail::joined(parts, ",");
}

}  // namespace styletransfer::cli
