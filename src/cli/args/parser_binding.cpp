#include "cli/args/parser_binding.h"

#include <algorithm>
#include <sstream>

#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

constexpr int kHelpColumn = 34;
constexpr int kHelpWidth = 100;

CLI::Option& add_option(CLI::App& command, const OptionRow& row) {
  const std::string help = row.described();
  if (row.form == OptionForm::kToggle) {
    return *command.add_flag(row.names(), help)->disable_flag_override();
  }
  return *command.add_option(row.names(), help)
              ->type_name(row.metavar)
              ->expected(row.form == OptionForm::kOptional ? 0 : 1, 1)
              ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
              ->allow_extra_args(row.takes_several);
}

/// If a value is missing, the parser takes the next flag as the value.
void check_given(const OptionRow& row, const OptionTable& table, const Texts& texts) {
  if (texts.size() > 1 && row.form != OptionForm::kRepeated) {
    throw UsageError(row.flag + " is given " + std::to_string(texts.size()) +
                     " times; give it once");
  }
  const auto is_flag = [&](const std::string& text) {
    return text.starts_with("--") ||
           std::any_of(table.rows().begin(), table.rows().end(), [&](const OptionRow& other) {
             return text == other.short_flag && !text.empty();
           });
  };
  for (const std::string& text : texts) {
    if (text.empty()) throw UsageError(row.flag + " needs a value; it is empty");
    if (is_flag(text)) throw UsageError(row.flag + " needs a value; " + text + " is a flag");
  }
}

/// The parser reports a missing optional value as "" or "true".
Texts texts_of(const OptionRow& row, Texts results) {
  if (row.form == OptionForm::kToggle) return {"true"};
  if (row.form == OptionForm::kOptional) {
    for (std::string& text : results) {
      if (text.empty() || text == "true") text = row.implied;
    }
  }
  return results;
}

std::string wrapped(const std::string& line) {
  std::string out;
  std::string rest = line;
  while (rest.size() > kHelpWidth) {
    const std::size_t space = rest.rfind(' ', kHelpWidth);
    if (space == std::string::npos || space <= kHelpColumn) break;
    out += rest.substr(0, space) + "\n";
    rest = std::string(kHelpColumn, ' ') + rest.substr(space + 1);
  }
  return out + rest + "\n";
}

/// "styletransfer model" for "model import".
std::string parents_of(const CLI::App& command) {
  const CLI::App* const parent = command.get_parent();
  if (parent == nullptr) return "";
  const std::string above = parents_of(*parent);
  return above.empty() ? parent->get_name() : above + " " + parent->get_name();
}

}  // namespace

void set_up_parser(CLI::App& program) {
  program.allow_extras();   // refused by refuse_extras, with a suggestion
  program.set_help_flag();  // --help is a row like the others
  program.get_formatter()->column_width(kHelpColumn);
}

void add_options(CLI::App& command, const OptionTable& table) {
  for (const OptionTable::Argument& argument : table.positional()) {
    CLI::Option* const option = command.add_option(argument.name, argument.help)->type_name("");
    if (argument.many != nullptr) option->expected(CLI::detail::expected_max_vector_size);
  }
  for (const OptionRow& row : table.rows()) add_option(command, row).group(row.group);
}

Settings given_settings(const CLI::App& command, const OptionTable& table) {
  Settings settings;
  for (const OptionRow& row : table.rows()) {
    const CLI::Option& option = *command.get_option(row.flag);
    if (option.count() == 0) continue;
    const Texts texts = texts_of(row, option.results());
    check_given(row, table, texts);
    settings.push_back({row.flag, texts, row.flag});
  }
  return settings;
}

void set_arguments(const CLI::App& command, const OptionTable& table) {
  for (const OptionTable::Argument& argument : table.positional()) {
    const Texts& given = command.get_option(argument.name)->results();
    if (argument.many != nullptr) *argument.many = given;
    if (argument.one != nullptr && !given.empty()) *argument.one = given.front();
  }
}

std::string full_help(const CLI::App& command) {
  std::istringstream lines(command.help(parents_of(command)));
  std::string out;
  std::string line;
  bool last_was_empty = true;
  while (std::getline(lines, line)) {
    if (line.empty() && last_was_empty) continue;
    last_was_empty = line.empty();
    out += wrapped(line);
  }
  return out;
}

}  // namespace styletransfer::cli
