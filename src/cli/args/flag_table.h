// Flag table: a thin layer over CLI11 with this program's error messages. The rows stay readable,
// so configuration files, completions and the man page are generated from them.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace styletransfer::cli {

/// How many values a flag takes.
enum class FlagForm {
  kValue,
  /// One value per use; may be used several times.
  kRepeated,
  /// No value.
  kToggle,
  /// An optional value.
  kOptional,
};

/// Receives the flag's name for messages ("--size", "run.toml:3: size") and its text; throws
/// UsageError for an invalid value.
using FlagSetter = std::function<void(const std::string& flag, const std::string& text)>;

/// One flag of the table.
struct FlagRow {
  /// "--size".
  std::string flag;
  /// "-o"; empty when there is none.
  std::string short_flag;
  /// The value's placeholder in --help: "FILE", "PX|content", "max|average"; empty for a toggle.
  std::string metavar;
  std::string help;
  /// The default as shown in --help; empty when there is none.
  std::string default_text;
  std::string group;
  FlagForm form = FlagForm::kValue;
  /// kRepeated: several values may follow one use of the flag.
  bool takes_several = false;
  FlagSetter set;
  /// kOptional: value that the bare flag stands for.
  std::string implied;
  /// kToggle: the variable that it sets.
  bool* field = nullptr;
};

/// Adds flags to one (sub)command. Unless it is repeatable, a flag may be given once. A value that
/// is itself a flag is an error.
class FlagTable {
 public:
  using Setter = FlagSetter;

  explicit FlagTable(CLI::App& app) : app_(app) {}

  /// Starts a group: the following rows are listed under this heading of --help.
  void group(const std::string& heading) { group_ = heading; }

  /// `names` is "--size" or "-o,--output"; `metavar` is the value's placeholder in --help.
  void value(const std::string& names, const std::string& metavar, const std::string& help,
             const std::string& default_text, Setter set);
  /// May be given several times; the setter runs for each.
  void repeated(const std::string& names, const std::string& metavar, const std::string& help,
                Setter set);
  /// Like repeated, and several values may follow one use, up to the next flag.
  void listed(const std::string& names, const std::string& metavar, const std::string& help,
              Setter set);
  /// "--watch" and "--watch 8080"; `metavar` is in brackets, "[PORT]".
  void optional(const std::string& names, const std::string& metavar, const std::string& help,
                const std::string& implied, Setter set);
  void toggle(const std::string& names, const std::string& help, bool& field);

  /// A positional argument.
  void argument(const std::string& name, const std::string& help, std::string& field);
  void arguments(const std::string& name, const std::string& help, std::vector<std::string>& field);

  [[nodiscard]] const std::vector<FlagRow>& rows() const { return rows_; }
  /// Null for a flag that the table does not have.
  [[nodiscard]] const FlagRow* find(const std::string& flag) const;

 private:
  void add(FlagRow row);

  CLI::App& app_;
  std::string group_;
  std::vector<FlagRow> rows_;
};

/// Long names of all flags of a (sub)command, "--size", ....
[[nodiscard]] std::vector<std::string> flag_names(const CLI::App& app);

}  // namespace styletransfer::cli
