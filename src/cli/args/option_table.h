// The table of options: one row for each, from which everything about an option is derived:
// parsing,
// --help, docs/flags.md, configuration files, stored settings and their comparison, the fingerprint
// of a checkpoint, the keys of --pass, completions and the man page. Knows neither CLI11 nor
// tensors.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "cli/args/option_row.h"
#include "cli/args/values.h"
#include "styletransfer/bounds.h"

namespace styletransfer::cli {

/// The rows of one command, bound to the fields of its options. Rows refer to these fields, which
/// must outlive the table.
class OptionTable {
 public:
  /// Starts a group: the following rows are listed under this heading of --help.
  void group(const std::string& heading) { group_ = heading; }

  /// `names` is "--size" or "-o,--output"; `metavar` is the value's placeholder in --help.
  OptionRow& value(const std::string& names, const std::string& metavar, const std::string& help,
                   const std::string& default_text, OptionSetter set);
  /// May be given several times; the setter runs for each.
  OptionRow& repeated(const std::string& names, const std::string& metavar, const std::string& help,
                      OptionSetter set);
  /// Like repeated, and several values may follow one use, up to the next flag.
  OptionRow& listed(const std::string& names, const std::string& metavar, const std::string& help,
                    OptionSetter set);
  /// "--watch" and "--watch 8080"; `metavar` is in brackets, "[PORT]".
  OptionRow& optional(const std::string& names, const std::string& metavar, const std::string& help,
                      const std::string& implied, OptionSetter set);
  OptionRow& toggle(const std::string& names, const std::string& help, bool& field);
  /// The setter's text is "true" or "false".
  OptionRow& toggle(const std::string& names, const std::string& help, OptionSetter set);

  /// A number within bounds; default, setter, getter and bounds come from the field.
  /// `default_text`: instead of the field's value.
  template <typename Number>
  OptionRow& number(const std::string& names, const std::string& metavar, const std::string& help,
                    Number& field, const Bounds<Number>& bounds,
                    const std::string& default_text = "");
  /// The same for a field that is unset by default, which `default_text` describes.
  template <typename Number>
  OptionRow& number(const std::string& names, const std::string& metavar, const std::string& help,
                    std::optional<Number>& field, const Bounds<Number>& bounds,
                    const std::string& default_text);
  /// One of named values; metavar, default, setter and getter come from the choices and the field.
  template <typename T, std::size_t N>
  OptionRow& choice(const std::string& names, const std::string& help, T& field,
                    const std::array<Choice<T>, N>& choices);
  /// Text as it is, such as a path. Stored as text when it is stored.
  OptionRow& text(const std::string& names, const std::string& metavar, const std::string& help,
                  const std::string& default_text, std::string& field);

  /// A positional argument; kept out of configuration files.
  struct Argument {
    std::string name;
    std::string help;
    /// One of both.
    std::string* one = nullptr;
    std::vector<std::string>* many = nullptr;
  };
  void argument(const std::string& name, const std::string& help, std::string& field);
  void arguments(const std::string& name, const std::string& help, std::vector<std::string>& field);

  [[nodiscard]] const std::vector<OptionRow>& rows() const { return rows_; }
  [[nodiscard]] const std::vector<Argument>& positional() const { return positional_; }
  /// Null for a flag that the table does not have.
  [[nodiscard]] const OptionRow* find(const std::string& flag) const;
  /// For a late addition to a row. Throws std::out_of_range.
  [[nodiscard]] OptionRow& at(const std::string& flag);

 private:
  OptionRow& add(const std::string& names, const std::string& metavar, const std::string& help,
                 OptionForm form, OptionSetter set);

  std::string group_;
  std::vector<OptionRow> rows_;
  std::vector<Argument> positional_;
};

template <typename Number>
NumberBounds number_bounds(const Bounds<Number>& bounds) {
  return {static_cast<double>(bounds.min),
          bounds.has_max() ? std::optional(static_cast<double>(bounds.max)) : std::nullopt,
          std::is_integral_v<Number>};
}

template <typename Number>
OptionRow& OptionTable::number(const std::string& names, const std::string& metavar,
                               const std::string& help, Number& field, const Bounds<Number>& bounds,
                               const std::string& default_text) {
  const std::string shown =
      default_text.empty() ? number_text(static_cast<double>(field)) : default_text;
  OptionRow& row = value(names, metavar, help, shown,
                         [&field, bounds](const std::string& where, const std::string& text) {
                           field = parse_number(where, text, bounds);
                         });
  row.bounds = number_bounds(bounds);
  return row.gets([&field] { return Json(field); });
}

template <typename Number>
OptionRow& OptionTable::number(const std::string& names, const std::string& metavar,
                               const std::string& help, std::optional<Number>& field,
                               const Bounds<Number>& bounds, const std::string& default_text) {
  OptionRow& row = value(names, metavar, help, default_text,
                         [&field, bounds](const std::string& where, const std::string& text) {
                           field = parse_number(where, text, bounds);
                         });
  row.bounds = number_bounds(bounds);
  return row.gets([&field] { return field ? Json(*field) : Json(); });
}

template <typename T, std::size_t N>
OptionRow& OptionTable::choice(const std::string& names, const std::string& help, T& field,
                               const std::array<Choice<T>, N>& choices) {
  OptionRow& row =
      value(names, detail::joined(names_of(choices), "|"), help, name_of(field, choices),
            [&field, choices](const std::string& where, const std::string& text) {
              field = parse_choice(where, text, choices);
            });
  return row.gets([&field, choices] { return Json(name_of(field, choices)); });
}

}  // namespace styletransfer::cli
