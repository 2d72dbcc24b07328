// A thin layer over CLI11: rows of flags in groups, with this program's manners for errors.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace styletransfer::cli {

/// Adds flags to one (sub)command. A setter gets the flag's long name and its text, and throws
/// UsageError for a value it refuses. A flag is given once, with a value that is not itself a flag.
class FlagTable {
 public:
  using Setter = std::function<void(const std::string& flag, const std::string& text)>;

  explicit FlagTable(CLI::App& app) : app_(app) {}

  /// Following rows are listed under this heading of --help.
  void group(const std::string& heading) { group_ = heading; }

  /// "--size" or "-o,--output"; `kind` is the value's name in --help; `standard` the default.
  void value(const std::string& names, const std::string& kind, const std::string& help,
             const std::string& standard, Setter set);
  /// May be given again and again; the setter runs for each.
  void repeated(const std::string& names, const std::string& kind, const std::string& help,
                Setter set);
  void toggle(const std::string& names, const std::string& help, bool& field);

  /// An argument without a flag.
  void argument(const std::string& name, const std::string& help, std::string& field);
  void arguments(const std::string& name, const std::string& help, std::vector<std::string>& field);

 private:
  void add(const std::string& names, const std::string& kind, const std::string& help,
           bool is_repeated, Setter set);

  CLI::App& app_;
  std::string group_;
};

/// Long names of all flags of a (sub)command, "--size", ....
[[nodiscard]] std::vector<std::string> flag_names(const CLI::App& app);

}  // namespace styletransfer::cli
