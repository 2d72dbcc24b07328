// A thin layer over CLI11: rows of flags in groups, with this program's manners for errors. The
// rows stay readable: configuration files, completions and the man page are made from them.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace styletransfer::cli {

/// What a flag takes.
enum class FlagForm {
  kValue,
  /// One value each time; may be given again and again.
  kRepeated,
  /// Nothing.
  kToggle,
  /// A value, or nothing.
  kOptional,
};

/// Gets the flag's name for messages ("--size", "run.toml:3: size") and its text; throws UsageError
/// for a value it refuses.
using FlagSetter = std::function<void(const std::string& flag, const std::string& text)>;

/// One flag of the table.
struct FlagRow {
  /// "--size".
  std::string flag;
  /// "-o"; empty when there is none.
  std::string short_flag;
  /// The value's name in --help: "FILE", "PX|content", "max|average"; empty for a toggle.
  std::string kind;
  std::string help;
  /// The default, for people; empty when there is none.
  std::string standard;
  std::string group;
  FlagForm form = FlagForm::kValue;
  /// kRepeated: several values may follow one mention.
  bool takes_several = false;
  FlagSetter set;
  /// kOptional: what the flag means without a value.
  std::string implied;
  /// Of a toggle.
  bool* field = nullptr;
};

/// Adds flags to one (sub)command. A flag is given once, with a value that is not itself a flag.
class FlagTable {
 public:
  using Setter = FlagSetter;

  explicit FlagTable(CLI::App& app) : app_(app) {}

  /// Following rows are listed under this heading of --help.
  void group(const std::string& heading) { group_ = heading; }

  /// "--size" or "-o,--output"; `kind` is the value's name in --help; `standard` the default.
  void value(const std::string& names, const std::string& kind, const std::string& help,
             const std::string& standard, Setter set);
  /// May be given again and again; the setter runs for each.
  void repeated(const std::string& names, const std::string& kind, const std::string& help,
                Setter set);
  /// As repeated; several values may also follow one mention, up to the next flag.
  void listed(const std::string& names, const std::string& kind, const std::string& help,
              Setter set);
  /// "--watch" and "--watch 8080"; `kind` is in brackets, "[PORT]".
  void optional(const std::string& names, const std::string& kind, const std::string& help,
                const std::string& implied, Setter set);
  void toggle(const std::string& names, const std::string& help, bool& field);

  /// An argument without a flag.
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
