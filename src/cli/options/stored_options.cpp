#include "cli/options/stored_options.h"

namespace styletransfer::cli {
namespace {

/// The value at "schedule.size"; objects are made as needed.
Json& place_of(Json& json, const std::string& key) {
  const std::size_t dot = key.find('.');
  if (dot == std::string::npos) return json[key];
  return place_of(json[key.substr(0, dot)], key.substr(dot + 1));
}

Json options_json(const OptionTable& table, bool with_informative) {
  Json json = Json::object();
  for (const OptionRow& row : table.rows()) {
    if (row.key.empty() || (row.is_informative && !with_informative)) continue;
    if (Json value = row.get(); !value.is_null()) place_of(json, row.key) = std::move(value);
  }
  return json;
}

}  // namespace

Json stored_options(const OptionTable& table) { return options_json(table, true); }

Json compared_options(const OptionTable& table) { return options_json(table, false); }

std::string first_difference(const Json& there, const Json& now, const std::string& key) {
  if (there.is_object() && now.is_object()) {
    for (const auto& [inner, value] : now.items()) {
      std::string message =
          first_difference(there.value(inner, Json()), value,
                           inner.starts_with("sha256") ? key + "_" + inner : inner);
      if (!message.empty()) return message;
    }
    return "";
  }
  if (there == now) return "";
  if (key.ends_with("_sha256")) {
    return "it was made with another " + key.substr(0, key.size() - 7) + " file";
  }
  return key + " is " + (there.is_null() ? "not stored" : there.dump()) + " there and " +
         now.dump() + " now";
}

}  // namespace styletransfer::cli
