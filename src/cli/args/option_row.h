// One row of the table of options. Knows neither CLI11 nor tensors.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "styletransfer/schedule.h"

namespace styletransfer::cli {

using Json = nlohmann::ordered_json;
/// Texts given for an option; empty when it is not set. A toggle's is "true"; it is not set when it
/// is off.
using Texts = std::vector<std::string>;

/// How many values an option takes.
enum class OptionForm {
  kValue,
  /// One value per use; may be used several times.
  kRepeated,
  /// No value.
  kToggle,
  /// An optional value.
  kOptional,
};

/// What an option changes. Only options of the result are stored, compared and part of
/// fingerprints.
enum class Affects {
  /// The pixels.
  kResult,
  /// How fast, on which device, with how much memory.
  kSpeed,
  /// Which files are read or written, and what is said about it.
  kOutput,
};

/// Receives the option's name for messages ("--size", "run.toml:3: size") and one text; throws
/// OptionError for an invalid value.
using OptionSetter = std::function<void(const std::string& where, const std::string& text)>;
/// The value as it is stored; null when it does not apply.
using OptionGetter = std::function<Json()>;

/// Texts of any option of the command; empty for one that is not set.
using TextsOf = std::function<Texts(const std::string& flag)>;

/// An option that has no effect beside others, or contradicts them.
struct Conflict {
  /// "--optimizer": all options whose texts matter, besides the row's own.
  std::vector<std::string> others;
  /// The whole message; empty when there is no conflict. Asked only when the row's option is set:
  /// `own`, its texts, are not empty.
  std::function<std::string(const Texts& own, const TextsOf& texts_of)> problem;
  /// Whether the others, set in a file or a preset, give way to the row's option on the command
  /// line. They never do where the row's option needs them.
  bool others_yield = true;
};

/// A numeric option's bounds for documentation and tests.
struct NumberBounds {
  double min = 0.0;
  /// No upper bound when unset.
  std::optional<double> max;
  bool is_whole = false;
};

/// A setter and getter for one listed pass, for options that are keys of --pass.
struct PassKey {
  std::function<void(PassOverrides& pass, const std::string& where, const std::string& text)> set;
  /// Null when the pass does not set it.
  std::function<Json(const PassOverrides& pass)> get;
};

struct OptionRow {
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
  OptionForm form = OptionForm::kValue;
  /// kRepeated: several values may follow one use of the flag.
  bool takes_several = false;
  /// kOptional: value that the bare flag stands for.
  std::string implied;
  OptionSetter set;
  OptionGetter get;
  std::optional<NumberBounds> bounds;

  Affects affects = Affects::kOutput;
  /// Where the value stands in stored settings: "history", "schedule.size"; empty when it is not
  /// stored.
  std::string key;
  /// For options of the result that are not stored under a key: why.
  std::string why_not_stored;
  /// Stored for people only: another stored value follows from it and is compared.
  bool is_informative = false;
  /// Says what this call does and cannot stand in a configuration file: --config, --version.
  bool is_command_line_only = false;
  /// About this call alone and left out of the command that reproduces the image: --report.
  bool is_about_the_call = false;
  /// Has an effect only where VGG is used: refused when nothing is optimized.
  bool needs_iterations = false;
  std::vector<Conflict> conflicts;
  /// The whole message when the option is not set but needed; returns "" when it is not needed.
  std::function<std::string(const TextsOf& texts_of)> missing;
  std::optional<PassKey> pass_key;

  /// "-o,--output", or "--size".
  [[nodiscard]] std::string names() const;
  /// The help with the default: "... in pixels [512]".
  [[nodiscard]] std::string described() const;
  /// Several values in one text, "A,B,..."; in TOML an array.
  [[nodiscard]] bool is_list() const;
  /// The values of a pass, "KEY=V,..."; in TOML a table.
  [[nodiscard]] bool is_pass() const;

  // ---- builders, to be chained behind OptionTable::value() and its like ----

  /// The option changes the pixels and is stored under `stored_key`; empty: the flag's name with
  /// underscores.
  OptionRow& result(const std::string& stored_key = "");
  /// The option changes the pixels but is not stored under a key of its own.
  OptionRow& result_not_stored(const std::string& why);
  OptionRow& speed();
  OptionRow& informative();
  OptionRow& for_iterations();
  OptionRow& command_line_only();
  OptionRow& about_the_call();
  OptionRow& gets(OptionGetter getter);
  OptionRow& in_pass(PassKey pass);
  /// Set together, the two options are refused with `problem`, the whole message.
  OptionRow& excludes(const std::string& other, const std::string& problem);
  /// Without `other`, or with none of `values` where they are given, this option has no effect.
  /// `other_default`: what holds when `other` is not set; empty: nothing.
  OptionRow& needs(const std::string& other, const Texts& values, const std::string& other_default,
                   const std::string& problem);
  OptionRow& conflicts_with(Conflict conflict);
};

}  // namespace styletransfer::cli
