#include "cli/checkpoint/stored_command.h"

#include <algorithm>
#include <map>

#include "cli/options/tables.h"
#include "cli/terminal/option_names.h"

namespace styletransfer::cli {
namespace {

/// What stands before an option's text where it is stored.
std::string_view prefix_of(const OptionRow& row) {
  if (row.flag == "--print") return "print ";
  if (row.flag == "--refine") return "iterations=";
  return row.flag == "--network" ? "network:" : "";
}

std::string text_of(const Json& value) {
  if (value.is_number_float()) return number_text(value.get<double>());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// The texts that give the row its stored value; none when the value is another row's.
Texts texts_of(const OptionRow& row, const Json& value) {
  if (row.form == OptionForm::kToggle) return {"true"};
  Texts texts;
  for (const Json& one : value.is_array() ? value : Json::array({value})) {
    const std::string text = text_of(one) + (row.flag == "--time-limit" ? "s" : "");
    const std::string_view prefix = prefix_of(row);
    if (text.starts_with(prefix)) texts.push_back(text.substr(prefix.size()));
  }
  if (row.form == OptionForm::kRepeated || texts.empty()) return texts;
  return {detail::joined(texts, ",")};
}

/// The value at "schedule.size"; null when there is none.
Json value_at(const Json& json, const std::string& key) {
  const std::size_t dot = key.find('.');
  const Json value = json.value(key.substr(0, dot), Json());
  return dot == std::string::npos || value.is_null() ? value : value_at(value, key.substr(dot + 1));
}

/// Sets the options of the table as stored. Returns the arguments that this takes, in table order.
/// Paths and the run's precision have no key of a row; they are stored under the row's name.
std::vector<std::string> arguments_of(const OptionTable& table, const Json& settings,
                                      const std::string& image_path) {
  std::map<std::string, Texts> used{{"--output", {image_path}}};
  const auto set = [&](const OptionRow& row) {
    if (row.affects != Affects::kResult || used.contains(row.flag)) return;
    const Json value = value_at(settings, row.key.empty() ? field_of(row.flag) : row.key);
    const bool is_of_strength = settings.contains("strength") &&
                                (row.flag == "--content-weight" || row.flag == "--style-weight");
    if (value.is_null() || value.is_object() || is_of_strength) return;
    if (value.is_string() && value.get_ref<const std::string&>().empty()) return;
    if (value == row.get()) return;
    const Texts texts = texts_of(row, value);
    for (const std::string& text : texts) row.set(row.flag, text);
    if (!texts.empty()) used.emplace(row.flag, texts);
  };
  // The values of others follow from these.
  for (const char* flag : {"--loss", "--print"}) {
    if (const OptionRow* const row = table.find(flag)) set(*row);
  }
  std::vector<std::string> arguments;
  for (const OptionRow& row : table.rows()) {
    set(row);
    for (const std::string& text : used[row.flag]) {
      arguments.push_back(row.flag);
      if (row.form != OptionForm::kToggle) arguments.push_back(text);
    }
  }
  return arguments;
}

/// Only `apply` takes a convention and the network's precision.
bool is_apply(const Json& settings) {
  const Json& schedule = settings.at("schedule");
  if (!text_of(settings.value("init", Json())).starts_with("network:")) return false;
  const bool is_unrefined = schedule.at("iterations") == 0 && schedule.at("pass").empty() &&
                            settings.value("style", Json()).empty();
  return is_unrefined || !settings.value("convention", Json()).empty() ||
         settings.value("network_precision", Json()) == "bfloat16";
}

std::vector<std::string> command_of(const Json& settings, const std::string& image_path) {
  std::vector<std::string> command{"styletransfer"};
  StylizeOptions stylize;
  ApplyOptions apply;
  const bool applies = is_apply(settings);
  if (applies) {
    const std::string content = text_of(settings.at("content"));
    // A positional argument must not look like a flag.
    command.insert(command.end(), {"apply", (content.starts_with("-") ? "./" : "") + content});
  }
  const OptionTable table = applies ? apply_table(apply) : stylize_table(stylize);
  const std::vector<std::string> arguments = arguments_of(table, settings, image_path);
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

std::vector<std::string> notes_of(const Json& settings) {
  std::vector<std::string> notes;
  const auto at = [&](const char* key) { return settings.value(key, Json()); };
  if (!at("mask_sha256").is_null()) {
    notes.emplace_back("the folders of the masks are not stored, only names");
  }
  if (!at("time_limit").is_null()) {
    notes.emplace_back("with --time-limit the number of iterations differs from run to run");
  }
  notes.emplace_back(
      at("seconds").is_null()
          ? "the folders of the images are not stored (--reproducible), only names"
          : "relative paths start at the folder in which the program ran, which is not stored");
  const Json source = at("network").value("source", Json());
  if (const std::string origin = text_of(source); source.is_string() && !origin.empty()) {
    notes.push_back("the path of the network file is not stored (" + origin +
                    "); where it is not the default one, add --model FILE");
  }
  if (const Json ending = at("ending"); ending != "finished") {
    notes.push_back("this image is of a run that ended early (" + text_of(ending) +
                    "); the command makes the whole run");
  }
  return notes;
}

bool has_control_character(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

}  // namespace

StoredCommand stored_command(const std::string& settings, const std::string& image_path) {
  const Json json = Json::parse(settings, nullptr, /*allow_exceptions=*/false);
  const bool is_ours = json.is_object() && json.value("program", Json()) == "styletransfer";
  const std::string problem = image_path + ": no settings of this program are stored in it";
  if (!is_ours) throw UsageError(problem);
  StoredCommand command;
  try {
    command = {command_of(json, image_path), notes_of(json)};
  } catch (const std::exception&) {
    throw UsageError(problem + " that make a command");
  }
  // The image may be a stranger's: no text that a shell or a terminal could take for another.
  for (const auto* const texts : {&command.arguments, &command.notes}) {
    if (std::any_of(texts->begin(), texts->end(), has_control_character)) {
      throw UsageError(image_path + ": the stored settings have control characters");
    }
  }
  return command;
}

}  // namespace styletransfer::cli
