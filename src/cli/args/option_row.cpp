#include "cli/args/option_row.h"

#include <algorithm>
#include <utility>

#include "cli/terminal/option_names.h"

namespace styletransfer::cli {

std::string OptionRow::names() const { return short_flag.empty() ? flag : short_flag + "," + flag; }

std::string OptionRow::described() const {
  return default_text.empty() ? help : help + " [" + default_text + "]";
}

bool OptionRow::is_list() const { return metavar.find(",...") != std::string::npos && !is_pass(); }

bool OptionRow::is_pass() const { return metavar.starts_with("KEY="); }

OptionRow& OptionRow::result(const std::string& stored_key) {
  affects = Affects::kResult;
  key = stored_key.empty() ? field_of(flag) : stored_key;
  return *this;
}

OptionRow& OptionRow::result_not_stored(const std::string& why) {
  affects = Affects::kResult;
  why_not_stored = why;
  return *this;
}

OptionRow& OptionRow::speed() {
  affects = Affects::kSpeed;
  return *this;
}

OptionRow& OptionRow::informative() {
  is_informative = true;
  return *this;
}

OptionRow& OptionRow::for_iterations() {
  needs_iterations = true;
  return *this;
}

OptionRow& OptionRow::command_line_only() {
  is_command_line_only = true;
  return about_the_call();
}

OptionRow& OptionRow::about_the_call() {
  is_about_the_call = true;
  return *this;
}

OptionRow& OptionRow::gets(OptionGetter getter) {
  get = std::move(getter);
  return *this;
}

OptionRow& OptionRow::in_pass(PassKey pass) {
  pass_key = std::move(pass);
  return *this;
}

OptionRow& OptionRow::excludes(const std::string& other, const std::string& problem) {
  return conflicts_with({{other}, [other, problem](const Texts&, const TextsOf& texts_of) {
                           return texts_of(other).empty() ? "" : problem;
                         }});
}

OptionRow& OptionRow::needs(const std::string& other, const Texts& values,
                            const std::string& other_default, const std::string& problem) {
  const auto check = [=](const Texts&, const TextsOf& texts_of) -> std::string {
    Texts given = texts_of(other);
    if (given.empty() && !other_default.empty()) given = {other_default};
    const bool is_met = values.empty()
                            ? !given.empty()
                            : std::find_first_of(given.begin(), given.end(), values.begin(),
                                                 values.end()) != given.end();
    return is_met ? "" : problem;
  };
  return conflicts_with({{other}, check, /*others_yield=*/false});
}

OptionRow& OptionRow::conflicts_with(Conflict conflict) {
  conflicts.push_back(std::move(conflict));
  return *this;
}

}  // namespace styletransfer::cli
