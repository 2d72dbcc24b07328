// Every row of every table of options: its bounds, its documentation, and what is stored of it.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <memory>
#include <sstream>
#include <type_traits>

#include "cli/args/command_shape.h"
#include "cli/checkpoint/run_metadata.h"
#include "cli/commands/command_line.h"
#include "cli/options/stored_options.h"
#include "cli/options/tables.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

/// Options at their defaults with their table.
struct Draft {
  std::shared_ptr<void> options;
  OptionTable table;
  /// What resuming and skipping compare.
  std::function<std::string()> compared;
};

template <typename Options, OptionTable (*kTable)(Options&)>
Draft draft() {
  const auto options = std::make_shared<Options>();
  Draft draft{options, kTable(*options), {}};
  const OptionTable table = draft.table;
  draft.compared = [options, table] {
    if constexpr (std::is_same_v<Options, StylizeOptions>) return request_text(*options, {});
    return compared_options(table).dump();
  };
  return draft;
}

struct CommandCase {
  /// Words and options without which the command is refused.
  std::vector<std::string> arguments;
  Draft (*make)();
};

const std::map<std::string, CommandCase>& commands() {
  static const std::map<std::string, CommandCase> kCommands{
      {"", {{"-c", "c.png", "-s", "s.png"}, draft<StylizeOptions, stylize_table>}},
      {"batch", {{"-c", "c.png", "-s", "s.png", "-o", "out"}, draft<BatchOptions, batch_table>}},
      {"apply", {{"-n", "n.pt", "c.png"}, draft<ApplyOptions, apply_table>}},
      {"loss", {{"-c", "c.png", "-s", "s.png", "i.png"}, draft<LossCommandOptions, loss_table>}},
      {"train fast",
       {{"-s", "s.png", "--images", "i", "-o", "n.pt"}, draft<TrainFastOptions, train_fast_table>}},
      {"train cyclegan",
       {{"--a", "a", "--b", "b", "-o", "n"}, draft<TrainCycleganOptions, train_cyclegan_table>}},
      {"info", {{"i.png"}, draft<ImageInfoOptions, image_info_table>}},
      {"model info", {{}, draft<ModelInfoOptions, model_info_table>}},
      {"model import", {{"w.safetensors"}, draft<ModelImportOptions, model_import_table>}}};
  return kCommands;
}

/// Options without which an option is refused or has no effect.
Texts companions(const std::string& command, const std::string& flag) {
  static const std::map<std::string, Texts> kCompanions{
      {"--learning-rate", {"--optimizer", "adam"}},
      {"--seed", {"--init", "noise"}},
      {"--plateau-threshold", {"--stop-on-plateau"}},
      {"--style-blend", {"--style", "a.png", "--style", "b.png"}}};
  static const std::map<std::string, Texts> kInApply{
      {"--refine", {"--style", "s.png"}},
      {"--quality", {"--format", "jpg"}},
      {"--strength", {"--refine", "2", "--style", "s.png"}},
      {"--content-weight", {"--refine", "2", "--style", "s.png"}},
      {"--style-weight", {"--refine", "2", "--style", "s.png"}},
      {"--tv-weight", {"--refine", "2", "--style", "s.png"}}};
  if (flag == "--quality" && command.empty()) return {"--output", "out.jpg"};
  if (flag == "--quality") return {"--format", "jpg"};
  if (command == "train fast" && flag == "--style-scale") return {"--style", "a.png"};
  if (command.starts_with("train ") && flag != "--style-blend") return {};
  const auto& known = command == "apply" ? kInApply : kCompanions;
  const auto found = known.find(flag);
  return found == known.end() ? Texts{} : found->second;
}

std::vector<std::string> words_of(const std::string& command) {
  return command.empty() ? std::vector<std::string>{} : parts_of(command, ' ');
}

/// The refusal of a command line; empty when it is taken.
std::string refusal_of(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "styletransfer");
  std::vector<const char*> words;
  for (const std::string& argument : arguments) words.push_back(argument.c_str());
  try {
    static_cast<void>(parse_command_line(static_cast<int>(words.size()), words.data()));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

/// The command with its required options, companions of `flag`, and `more`.
std::vector<std::string> command_with(const std::string& command, const std::string& flag,
                                      const std::vector<std::string>& more) {
  std::vector<std::string> arguments = words_of(command);
  for (const auto& part : {commands().at(command).arguments, companions(command, flag), more}) {
    arguments.insert(arguments.end(), part.begin(), part.end());
  }
  return arguments;
}

std::string text_of_number(double value, bool is_whole) {
  return is_whole ? std::to_string(static_cast<long long>(value)) : number_text(value);
}

/// A number, and whether the bounds contain it.
using NumberCase = std::pair<std::string, bool>;

std::vector<NumberCase> numbers_at(const NumberBounds& bounds) {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  const auto next = [&](double value, double direction) {
    return bounds.is_whole ? value + (direction > 0.0 ? 1.0 : -1.0)
                           : std::nextafter(value, direction);
  };
  const auto text = [&](double value) { return text_of_number(value, bounds.is_whole); };
  std::vector<NumberCase> cases{{text(bounds.min), true}, {text(next(bounds.min, -kFar)), false}};
  if (bounds.max) {
    cases.emplace_back(text(*bounds.max), true);
    cases.emplace_back(text(next(*bounds.max, kFar)), false);
  }
  return cases;
}

void expect(const NumberCase& number, const std::string& where, const std::string& refusal) {
  EXPECT_EQ(refusal.empty(), number.second) << where << " " << number.first << ": " << refusal;
}

template <typename Use>
void for_each_row(const Use& use) {
  for (const auto& [command, unused] : commands()) {
    const Draft fresh = commands().at(command).make();
    for (const OptionRow& row : fresh.table.rows()) use(command, fresh, row);
  }
}

TEST(OptionRows, HoldTheirBoundsOnTheCommandLine) {
  int count = 0;
  for_each_row([&](const std::string& command, const Draft& /*fresh*/, const OptionRow& row) {
    if (!row.bounds) return;
    for (const NumberCase& number : numbers_at(*row.bounds)) {
      ++count;
      // "--tv-weight=-1": a value that begins with a dash.
      const std::string argument = row.flag + "=" + number.first;
      expect(number, command + " " + row.flag,
             refusal_of(command_with(command, row.flag, {argument})));
    }
  });
  EXPECT_GT(count, 150);
}

TEST(OptionRows, HoldTheirBoundsInAFile) {
  const std::string path = testing::TempDir() + "option_rows_test.toml";
  for_each_row([&](const std::string& command, const Draft& fresh, const OptionRow& row) {
    if (!row.bounds || fresh.table.find("--config") == nullptr) return;
    for (const NumberCase& number : numbers_at(*row.bounds)) {
      std::ofstream(path) << row.flag.substr(2) << " = " << number.first << "\n";
      expect(number, command + " file: " + row.flag,
             refusal_of(command_with(command, row.flag, {"--config", path})));
    }
  });
  std::filesystem::remove(path);
}

TEST(OptionRows, HoldTheirBoundsInAPass) {
  const Draft fresh = commands().at("").make();
  int count = 0;
  for (const OptionRow& row : fresh.table.rows()) {
    if (!row.pass_key) continue;
    ++count;
    for (const NumberCase& number : numbers_at(row.bounds.value())) {
      const std::string pass = row.flag.substr(2) + "=" + number.first;
      expect(number, "--pass " + row.flag, refusal_of(command_with("", "", {"--pass", pass})));
    }
  }
  EXPECT_EQ(count, 5);
}

std::string printed(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "styletransfer");
  std::vector<const char*> words;
  for (const std::string& argument : arguments) words.push_back(argument.c_str());
  return std::get<ShowText>(parse_command_line(static_cast<int>(words.size()), words.data())).text;
}

/// The section of docs/flags.md about a command.
std::string documented(const std::string& command) {
  std::ifstream file(std::string(STYLETRANSFER_SOURCE_DIR) + "/docs/flags.md");
  std::ostringstream page;
  page << file.rdbuf();
  const std::string heading = "\n## styletransfer" + (command.empty() ? "" : " " + command) + "\n";
  const std::size_t start = page.str().find(heading);
  if (start == std::string::npos) return "";
  return page.str().substr(start, page.str().find("\n## ", start + 1) - start);
}

TEST(OptionRows, StandInTheHelpAndInTheDocuments) {
  for_each_row([&](const std::string& command, const Draft& /*fresh*/, const OptionRow& row) {
    std::vector<std::string> help = words_of(command);
    help.emplace_back("--help");
    EXPECT_NE(printed(help).find(row.flag), std::string::npos) << command << " " << row.flag;
    EXPECT_NE(documented(command).find("`" + row.flag), std::string::npos)
        << command << " " << row.flag;
  });
}

/// Texts that the option takes, at least one of which is not the default.
Texts samples_of(const OptionRow& row) {
  static const std::map<std::string, Texts> kByMetavar{
      {"IMAGE|none", {"mask.png"}}, {"F,...", {"0.5"}},         {"A,B,...", {"relu1_1,relu2_2"}},
      {"PAPER[@DPI]", {"A5@100"}},  {"KEY=V,...", {"size=64"}}, {"TIME", {"7s"}},
      {"SIZE", {"800M"}},           {"A,B,C", {"0.5,0.5,0.5"}}, {"K/N", {"2/3"}}};
  if (row.form == OptionForm::kToggle) return {"true"};
  if (row.flag == "--style-blend") return {"1,3"};
  if (row.flag == "--report") return {"run.json"};
  if (row.flag == "--watch") return {"any"};
  if (const auto found = kByMetavar.find(row.metavar); found != kByMetavar.end()) {
    return found->second;
  }
  if (row.bounds) {
    const double other = row.bounds->max.value_or(row.bounds->min + 1.0);
    return {text_of_number(row.bounds->min, row.bounds->is_whole),
            text_of_number(other, row.bounds->is_whole)};
  }
  // Ranges such as 0..255|0..1 are choices, too.
  if (row.metavar.find("..") != std::string::npos) return parts_of(row.metavar, '|');
  if (Texts choices = choices_of(row.metavar); !choices.empty()) return choices;
  return may_be_path(row.metavar) ? Texts{"other.png"} : Texts{"7"};
}

/// Sets options given as on a command line.
void set_all(const OptionTable& table, const Texts& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const OptionRow* row = table.find(arguments[i]);
    ASSERT_NE(row, nullptr) << arguments[i];
    row->set(row->flag, row->form == OptionForm::kToggle ? "true" : arguments[++i]);
  }
}

/// True when some text of the option changes what `shown` shows.
template <typename Shown>
bool changes(const std::string& command, const std::string& flag, const Shown& shown) {
  const auto with = [&](const Texts& texts) {
    const Draft draft = commands().at(command).make();
    // What of a network is stored needs one.
    if (command == "apply") set_all(draft.table, {"--network", "n.pt"});
    set_all(draft.table, companions(command, flag));
    for (const std::string& text : texts) draft.table.find(flag)->set(flag, text);
    return shown(draft);
  };
  const Texts samples = samples_of(*commands().at(command).make().table.find(flag));
  return std::any_of(samples.begin(), samples.end(),
                     [&](const std::string& text) { return with({text}) != with({}); });
}

TEST(OptionRows, OfTheResultAreStoredAndCompared) {
  const auto stored = [](const Draft& draft) { return stored_options(draft.table).dump(); };
  const auto compared = [](const Draft& draft) { return draft.compared(); };
  for_each_row([&](const std::string& command, const Draft& /*fresh*/, const OptionRow& row) {
    const std::string name = command + " " + row.flag;
    const bool is_stored = !row.key.empty();
    if (row.affects == Affects::kResult) {
      EXPECT_NE(is_stored, !row.why_not_stored.empty()) << name;
    } else {
      EXPECT_FALSE(is_stored) << name;
    }
    // The values of --convention are those of other rows.
    if (row.affects == Affects::kResult && !is_stored) return;
    EXPECT_EQ(changes(command, row.flag, stored), is_stored) << name;
    EXPECT_EQ(changes(command, row.flag, compared), is_stored) << name;
  });
}

TEST(OptionRows, AreStoredUnderTheKeysOfEveryVersion) {
  StylizeOptions options;
  options.style_paths = {"s.png"};
  // Without order, which says nothing.
  const auto unordered = [](const Json& json) { return nlohmann::json::parse(json.dump()); };
  EXPECT_EQ(nlohmann::json::parse(R"({
    "style_blend": [1.0], "style_scale": [1.0], "bit_depth": 8, "quality": 95, "alpha": "keep",
    "schedule": {"size": 512, "iterations": 40, "coarse_steps": 1.4142135623730951,
                 "passes": "growing", "pass": [], "content_weight": 1.0, "style_weight": 12.0,
                 "tv_weight": 20.0},
    "margin": 16, "init": "content", "colors": "style", "loss": "relative", "style_loss": "gram",
    "content_layers": ["relu4_2"],
    "style_layers": ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"], "pooling": "max",
    "optimizer": "lbfgs", "history": 20
  })"),
            unordered(stored_options(result_table(options))));
  options.print = PaperSize{594.0, 420.0, 300.0};
  options.feed_forward.network_path = "n.pt";
  options.feed_forward.facts.bgr = true;
  options.job.stopping.on_plateau = true;
  const Json json = stored_options(result_table(options));
  EXPECT_EQ(json["schedule"]["size"], "print 594x420mm@300");
  EXPECT_EQ(json["init"], "network:n.pt");
  EXPECT_EQ(json["convention"].dump(), R"({"channel_order":"bgr"})");
  EXPECT_EQ(json["network_precision"], "float32");
  EXPECT_EQ(json["plateau_threshold"], 1.0);
}

}  // namespace
}  // namespace styletransfer::cli
