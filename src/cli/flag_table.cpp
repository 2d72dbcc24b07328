#include "cli/flag_table.h"

#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

std::string long_name(const std::string& names) { return names.substr(names.find("--")); }

/// A forgotten value makes the parser take the next flag for it.
void refuse_flag_as_value(const CLI::App& app, const std::string& flag, const std::string& text) {
  if (text.empty()) throw UsageError(flag + " needs a value; it is empty");
  if (text.starts_with("--") || (text.size() == 2 && app.get_option_no_throw(text) != nullptr)) {
    throw UsageError(flag + " needs a value; " + text + " is a flag");
  }
}

}  // namespace

void FlagTable::add(const std::string& names, const std::string& kind, const std::string& help,
                    bool is_repeated, Setter set) {
  const std::string flag = long_name(names);
  CLI::App& app = app_;
  const auto receive = [flag, is_repeated, set = std::move(set),
                        &app](const CLI::results_t& results) {
    if (results.size() > 1 && !is_repeated) {
      throw UsageError(flag + " is given " + std::to_string(results.size()) +
                       " times; give it once");
    }
    for (const std::string& text : results) {
      refuse_flag_as_value(app, flag, text);
      set(flag, text);
    }
    return true;
  };
  app_.add_option(names, receive, help)
      ->type_name(kind)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false)
      ->group(group_);
}

void FlagTable::value(const std::string& names, const std::string& kind, const std::string& help,
                      const std::string& standard, Setter set) {
  add(names, kind, standard.empty() ? help : help + " [" + standard + "]", false, std::move(set));
}

void FlagTable::repeated(const std::string& names, const std::string& kind, const std::string& help,
                         Setter set) {
  add(names, kind, help, true, std::move(set));
}

void FlagTable::toggle(const std::string& names, const std::string& help, bool& field) {
  app_.add_flag(names, field, help)->disable_flag_override()->group(group_);
}

void FlagTable::argument(const std::string& name, const std::string& help, std::string& field) {
  app_.add_option(name, field, help)->type_name("");
}

void FlagTable::arguments(const std::string& name, const std::string& help,
                          std::vector<std::string>& field) {
  app_.add_option(name, field, help)->type_name("");
}

std::vector<std::string> flag_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

}  // namespace styletransfer::cli
