#include "cli/args/option_table.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace styletransfer::cli {

/// `names`: "-o,--output", or "--size", which has no short name.
OptionRow& OptionTable::add(const std::string& names, const std::string& metavar,
                            const std::string& help, OptionForm form, OptionSetter set) {
  const std::size_t start = names.find("--");
  OptionRow row;
  row.flag = names.substr(start);
  if (start > 0) row.short_flag = names.substr(0, start - 1);
  row.metavar = metavar;
  row.help = help;
  row.group = group_;
  row.form = form;
  row.set = std::move(set);
  return rows_.emplace_back(std::move(row));
}

OptionRow& OptionTable::value(const std::string& names, const std::string& metavar,
                              const std::string& help, const std::string& default_text,
                              OptionSetter set) {
  OptionRow& row = add(names, metavar, help, OptionForm::kValue, std::move(set));
  row.default_text = default_text;
  return row;
}

OptionRow& OptionTable::repeated(const std::string& names, const std::string& metavar,
                                 const std::string& help, OptionSetter set) {
  return add(names, metavar, help, OptionForm::kRepeated, std::move(set));
}

OptionRow& OptionTable::listed(const std::string& names, const std::string& metavar,
                               const std::string& help, OptionSetter set) {
  OptionRow& row = repeated(names, metavar, help, std::move(set));
  row.takes_several = true;
  return row;
}

OptionRow& OptionTable::optional(const std::string& names, const std::string& metavar,
                                 const std::string& help, const std::string& implied,
                                 OptionSetter set) {
  OptionRow& row = add(names, metavar, help, OptionForm::kOptional, std::move(set));
  row.implied = implied;
  return row;
}

OptionRow& OptionTable::toggle(const std::string& names, const std::string& help, bool& field) {
  OptionRow& row = toggle(names, help, [&field](const std::string&, const std::string& text) {
    field = text == "true";
  });
  return row.gets([&field] { return Json(field); });
}

OptionRow& OptionTable::toggle(const std::string& names, const std::string& help,
                               OptionSetter set) {
  return add(names, "", help, OptionForm::kToggle, std::move(set));
}

OptionRow& OptionTable::text(const std::string& names, const std::string& metavar,
                             const std::string& help, const std::string& default_text,
                             std::string& field) {
  OptionRow& row = value(names, metavar, help, default_text,
                         [&field](const std::string&, const std::string& text) { field = text; });
  return row.gets([&field] { return Json(field); });
}

void OptionTable::argument(const std::string& name, const std::string& help, std::string& field) {
  positional_.push_back({name, help, &field, nullptr});
}

void OptionTable::arguments(const std::string& name, const std::string& help,
                            std::vector<std::string>& field) {
  positional_.push_back({name, help, nullptr, &field});
}

const OptionRow* OptionTable::find(const std::string& flag) const {
  const auto row = std::find_if(rows_.begin(), rows_.end(),
                                [&](const OptionRow& one) { return one.flag == flag; });
  return row == rows_.end() ? nullptr : &*row;
}

OptionRow& OptionTable::at(const std::string& flag) {
  const OptionRow* const row = find(flag);
  if (row == nullptr) throw std::out_of_range("no option " + flag);
  return rows_[static_cast<std::size_t>(row - rows_.data())];
}

}  // namespace styletransfer::cli
