#include "cli/args/flag_layers.h"

#include <algorithm>
#include <cctype>

#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

Settings without(const Settings& settings, const std::vector<std::string>& flags) {
  Settings rest = settings;
  std::erase_if(rest, [&](const Setting& one) {
    return std::find(flags.begin(), flags.end(), one.flag) != flags.end();
  });
  return rest;
}

/// Whether the problem is one between `lower` and `higher` and gone with these flags of `lower`:
/// without them the problem is another one or none, and the same would be so without some flags of
/// `higher`, each of which is in the problem.
bool yield(const std::vector<std::string>& flags, const Settings& lower, const Settings& higher,
           const Validate& validate) {
  const std::string problem = validate(overridden(lower, higher));
  const std::string left = validate(overridden(without(lower, flags), higher));
  if (left == problem) return false;
  return std::any_of(higher.begin(), higher.end(), [&](const Setting& high) {
    const Settings fewer = without(higher, {high.flag});
    const std::string now = validate(overridden(lower, fewer));
    return now == left || (now != problem && yield(flags, lower, fewer, validate));
  });
}

/// Whether `flag` stands in the text as a word of its own.
bool names_flag(const std::string& text, const std::string& flag) {
  for (std::size_t at = text.find(flag); at != std::string::npos; at = text.find(flag, at + 1)) {
    const std::size_t end = at + flag.size();
    const auto is_part = [](char c) {
      return c == '-' || std::isalnum(static_cast<unsigned char>(c));
    };
    if ((at == 0 || !is_part(text[at - 1])) && (end == text.size() || !is_part(text[end])))
      return true;
  }
  return false;
}

/// The flags of `lower` that stand in the way: one, or those that the problem names.
std::vector<std::string> yielding_flags(const Settings& lower, const Settings& higher,
                                        const Validate& validate, const std::string& problem) {
  std::vector<std::string> named;
  for (const Setting& low : lower) {
    if (yield({low.flag}, lower, higher, validate)) return {low.flag};
    if (names_flag(problem, low.flag)) named.push_back(low.flag);
  }
  if (named.size() > 1 && yield(named, lower, higher, validate)) return named;
  return {};
}

/// Results of the command-line parser as the texts of a setting.
std::vector<std::string> texts_of(const FlagRow& row, const std::vector<std::string>& results) {
  if (row.form == FlagForm::kToggle) return {"true"};
  const bool is_bare = row.form == FlagForm::kOptional &&
                       (results.empty() || results[0].empty() || results[0] == "true");
  return is_bare ? std::vector<std::string>{row.implied} : results;
}

}  // namespace

const Setting* find_setting(const Settings& settings, const std::string& flag) {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [&](const Setting& one) { return one.flag == flag; });
  return found == settings.end() ? nullptr : &*found;
}

bool is_set(const Settings& settings, const std::string& flag) {
  const Setting* setting = find_setting(settings, flag);
  return setting != nullptr && setting->texts != std::vector<std::string>{"false"};
}

Settings command_line_settings(const CLI::App& command, const FlagTable& table) {
  Settings settings;
  for (const FlagRow& row : table.rows()) {
    const CLI::Option* option = command.get_option_no_throw(row.flag);
    if (option == nullptr || option->count() == 0) continue;
    settings.push_back({row.flag, texts_of(row, option->results()), row.flag});
  }
  return settings;
}

Settings overridden(const Settings& lower, const Settings& higher) {
  Settings both = higher;
  for (const Setting& low : lower) {
    if (find_setting(higher, low.flag) == nullptr) both.push_back(low);
  }
  return both;
}

void apply_settings(const Settings& settings, const FlagTable& table) {
  for (const Setting& setting : settings) {
    const FlagRow* row = table.find(setting.flag);
    if (row == nullptr) throw UsageError(setting.where + ": no such flag here");
    if (row->form == FlagForm::kToggle) {
      *row->field = is_set(settings, setting.flag);
      continue;
    }
    for (const std::string& text : setting.texts) {
      if (text.empty()) throw UsageError(setting.where + " needs a value; it is empty");
      row->set(setting.where, text);
    }
  }
}

std::vector<std::string> arguments_of(const Settings& settings, const FlagTable& table,
                                      const std::vector<std::string>& left_out) {
  std::vector<std::string> arguments;
  for (const FlagRow& row : table.rows()) {
    const Setting* setting = find_setting(settings, row.flag);
    const bool is_out = std::find(left_out.begin(), left_out.end(), row.flag) != left_out.end();
    if (setting == nullptr || is_out || !is_set(settings, row.flag)) continue;
    if (row.form == FlagForm::kToggle) {
      arguments.push_back(row.flag);
      continue;
    }
    for (const std::string& text : setting->texts) {
      arguments.push_back(row.flag);
      arguments.push_back(text);
    }
  }
  return arguments;
}

Settings settled(const Settings& lower, const Settings& higher, const Validate& validate) {
  Settings kept = lower;
  std::string problem = validate(overridden(kept, higher));
  while (!problem.empty()) {
    const std::vector<std::string> yielding = yielding_flags(kept, higher, validate, problem);
    if (yielding.empty()) break;
    kept = without(kept, yielding);
    problem = validate(overridden(kept, higher));
  }
  return overridden(kept, higher);
}

std::string with_places(const std::string& problem, const Settings& lower) {
  std::string places;
  for (const Setting& low : lower) {
    if (problem.find(low.where) == std::string::npos && names_flag(problem, low.flag)) {
      places += (places.empty() ? " (" : "; ") + low.flag + " is set at " +
                low.where.substr(0, low.where.rfind(": "));
    }
  }
  return places.empty() ? problem : problem + places + ")";
}

}  // namespace styletransfer::cli
