#include "cli/args/settings.h"

#include <algorithm>
#include <optional>

#include "cli/terminal/option_names.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

/// Options that cannot be used together.
struct Problem {
  /// The option to change first, then the others.
  std::vector<std::string> flags;
  Message message;
  bool others_yield = true;
};

Problem problem_of(const OptionError& error) {
  Problem problem{{}, error.message()};
  for (const std::string& field : error.fields()) problem.flags.push_back(flag_of(field));
  return problem;
}

TextsOf texts_in(const Settings& settings) {
  return [&settings](const std::string& flag) {
    return is_set(settings, flag) ? find_setting(settings, flag)->texts : Texts();
  };
}

/// The first conflict that a row declares.
std::optional<Problem> first_conflict(const Settings& settings, const OptionTable& table) {
  const TextsOf texts_of = texts_in(settings);
  for (const OptionRow& row : table.rows()) {
    const Texts own = texts_of(row.flag);
    if (own.empty()) continue;
    for (const Conflict& conflict : row.conflicts) {
      const std::string message = conflict.problem(own, texts_of);
      if (message.empty()) continue;
      Problem problem{{row.flag}, message, conflict.others_yield};
      problem.flags.insert(problem.flags.end(), conflict.others.begin(), conflict.others.end());
      return problem;
    }
  }
  return std::nullopt;
}

/// Throws UsageError for an option that is needed and not set.
void check_missing(const Settings& settings, const OptionTable& table) {
  const TextsOf texts_of = texts_in(settings);
  for (const OptionRow& row : table.rows()) {
    if (!row.missing || is_set(settings, row.flag)) continue;
    const std::string message = row.missing(texts_of);
    if (!message.empty()) throw UsageError(message);
  }
}

/// Drops one option that a lower layer sets against a higher one. False when there is none.
bool drop_one(const Problem& problem, Settings& settings) {
  Source highest = Source::kPreset;
  for (const std::string& flag : problem.flags) {
    const Setting* const setting = find_setting(settings, flag);
    if (setting != nullptr) highest = std::min(highest, setting->source);
  }
  for (const std::string& flag : problem.flags) {
    const bool is_dropped = std::erase_if(settings, [&](const Setting& one) {
                              return one.flag == flag && one.source > highest;
                            }) > 0;
    if (is_dropped || !problem.others_yield) return is_dropped;
  }
  return false;
}

/// Adds where the options were set that are not on the command line.
[[noreturn]] void refuse(const Problem& problem, const Settings& settings) {
  std::string places;
  std::vector<std::string> fields;
  for (const std::string& flag : problem.flags) {
    fields.push_back(field_of(flag));
    const Setting* const setting = find_setting(settings, flag);
    if (setting == nullptr || setting->source == Source::kCommandLine) continue;
    places += (places.empty() ? " (" : "; ") + flag + " is set at " +
              setting->where.substr(0, setting->where.rfind(": "));
  }
  throw OptionError(fields, places.empty() ? problem.message : problem.message + (places + ")"));
}

}  // namespace

const Setting* find_setting(const Settings& settings, const std::string& flag) {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [&](const Setting& one) { return one.flag == flag; });
  return found == settings.end() ? nullptr : &*found;
}

bool is_set(const Settings& settings, const std::string& flag) {
  const Setting* setting = find_setting(settings, flag);
  return setting != nullptr && setting->texts != Texts{"false"};
}

void apply_settings(const Settings& settings, const OptionTable& table) {
  for (const Setting& setting : settings) {
    const OptionRow* const row = table.find(setting.flag);
    if (row == nullptr) throw UsageError(setting.where + ": no such flag here");
    for (const std::string& text : setting.texts) {
      if (text.empty()) throw UsageError(setting.where + " needs a value; it is empty");
      row->set(setting.where, text);
    }
  }
}

std::vector<std::string> arguments_of(const Settings& settings, const OptionTable& table) {
  std::vector<std::string> arguments;
  for (const OptionRow& row : table.rows()) {
    if (row.is_about_the_call || !is_set(settings, row.flag)) continue;
    for (const std::string& text : find_setting(settings, row.flag)->texts) {
      arguments.push_back(row.flag);
      if (row.form != OptionForm::kToggle) arguments.push_back(text);
    }
  }
  return arguments;
}

Settings settled(const std::vector<Settings>& layers, const OptionTable& table,
                 const Build& build) {
  Settings settings;
  for (const Settings& layer : layers) {
    for (const Setting& one : layer) {
      if (find_setting(settings, one.flag) == nullptr) settings.push_back(one);
    }
  }
  while (true) {
    check_missing(settings, table);
    std::optional<Problem> problem = first_conflict(settings, table);
    if (!problem) {
      try {
        build(settings);
        return settings;
      } catch (const OptionError& error) {
        problem = problem_of(error);
      }
    }
    if (!drop_one(*problem, settings)) refuse(*problem, settings);
  }
}

}  // namespace styletransfer::cli
