#include "cli/args/flag_table.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

/// Splits "-o,--output" into short and long name; "--size" has no short name.
std::pair<std::string, std::string> split_names(const std::string& names) {
  const std::size_t start = names.find("--");
  return {start == 0 ? "" : names.substr(0, start - 1), names.substr(start)};
}

/// If a value is missing, the parser takes the next flag as the value.
void refuse_flag_as_value(const CLI::App& app, const std::string& flag, const std::string& text) {
  if (text.empty()) throw UsageError(flag + " needs a value; it is empty");
  if (text.starts_with("--") || (text.size() == 2 && app.get_option_no_throw(text) != nullptr)) {
    throw UsageError(flag + " needs a value; " + text + " is a flag");
  }
}

FlagRow make_row(const std::string& names, const std::string& metavar, const std::string& help,
                 FlagForm form) {
  FlagRow row;
  std::tie(row.short_flag, row.flag) = split_names(names);
  row.metavar = metavar;
  row.help = help;
  row.form = form;
  return row;
}

std::string listed_names(const FlagRow& row) {
  return row.short_flag.empty() ? row.flag : row.short_flag + "," + row.flag;
}

/// The parser reports a missing optional value as "" or "true".
bool is_missing(const FlagRow& row, const std::string& text) {
  return row.form == FlagForm::kOptional && (text.empty() || text == "true");
}

}  // namespace

void FlagTable::add(FlagRow row) {
  row.group = group_;
  const std::string help =
      row.default_text.empty() ? row.help : row.help + " [" + row.default_text + "]";
  CLI::Option* option = nullptr;
  if (row.form == FlagForm::kToggle) {
    option = app_.add_flag(listed_names(row), *row.field, help)->disable_flag_override();
  } else {
    CLI::App& app = app_;
    const auto receive = [row, &app](const CLI::results_t& results) {
      if (results.size() > 1 && row.form != FlagForm::kRepeated) {
        throw UsageError(row.flag + " is given " + std::to_string(results.size()) +
                         " times; give it once");
      }
      for (const std::string& result : results) {
        const std::string& text = is_missing(row, result) ? row.implied : result;
        refuse_flag_as_value(app, row.flag, text);
        row.set(row.flag, text);
      }
      return true;
    };
    option = app_.add_option(listed_names(row), receive, help)
                 ->type_name(row.metavar)
                 ->expected(row.form == FlagForm::kOptional ? 0 : 1, 1)
                 ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
                 ->allow_extra_args(row.takes_several);
  }
  option->group(group_);
  rows_.push_back(std::move(row));
}

void FlagTable::value(const std::string& names, const std::string& metavar, const std::string& help,
                      const std::string& default_text, Setter set) {
  FlagRow row = make_row(names, metavar, help, FlagForm::kValue);
  row.default_text = default_text;
  row.set = std::move(set);
  add(std::move(row));
}

void FlagTable::repeated(const std::string& names, const std::string& metavar,
                         const std::string& help, Setter set) {
  FlagRow row = make_row(names, metavar, help, FlagForm::kRepeated);
  row.set = std::move(set);
  add(std::move(row));
}

void FlagTable::listed(const std::string& names, const std::string& metavar,
                       const std::string& help, Setter set) {
  FlagRow row = make_row(names, metavar, help, FlagForm::kRepeated);
  row.takes_several = true;
  row.set = std::move(set);
  add(std::move(row));
}

void FlagTable::optional(const std::string& names, const std::string& metavar,
                         const std::string& help, const std::string& implied, Setter set) {
  FlagRow row = make_row(names, metavar, help, FlagForm::kOptional);
  row.implied = implied;
  row.set = std::move(set);
  add(std::move(row));
}

void FlagTable::toggle(const std::string& names, const std::string& help, bool& field) {
  FlagRow row = make_row(names, "", help, FlagForm::kToggle);
  row.field = &field;
  add(std::move(row));
}

void FlagTable::argument(const std::string& name, const std::string& help, std::string& field) {
  app_.add_option(name, field, help)->type_name("");
}

void FlagTable::arguments(const std::string& name, const std::string& help,
                          std::vector<std::string>& field) {
  app_.add_option(name, field, help)->type_name("");
}

const FlagRow* FlagTable::find(const std::string& flag) const {
  const auto row = std::find_if(rows_.begin(), rows_.end(),
                                [&](const FlagRow& one) { return one.flag == flag; });
  return row == rows_.end() ? nullptr : &*row;
}

std::vector<std::string> flag_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

}  // namespace styletransfer::cli
