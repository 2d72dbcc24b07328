#include "cli/args/settings.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "cli/args/pass_values.h"
#include "cli/terminal/option_names.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

struct Options {
  std::string optimizer = "lbfgs";
  std::string strength;
  std::string style_weight;
  int history = 20;
  bool quiet = false;
};

OptionTable table_of(Options& options) {
  OptionTable table;
  table.number("--history", "N", "", options.history, Bounds<int>{1, 200, "pairs"})
      .needs("--optimizer", {"lbfgs"}, "lbfgs", "--history is for lbfgs");
  table.text("--optimizer", "lbfgs|adam", "", "lbfgs", options.optimizer);
  table.text("--strength", "S", "", "", options.strength)
      .excludes("--style-weight", "--strength sets the weights");
  table.text("--style-weight", "W", "", "", options.style_weight);
  table.toggle("--quiet", "", options.quiet);
  table.value("--report", "FILE", "", "", [](auto&&...) {}).about_the_call();
  return table;
}

Setting given(const std::string& flag, const std::string& text) { return {flag, {text}, flag}; }

Setting in_file(const std::string& flag, const std::string& text) {
  return {flag, {text}, "run.toml:3: " + flag.substr(2), Source::kConfigFile};
}

Settings merged(
    const std::vector<Settings>& layers, const Build& build = [](const Settings&) {}) {
  Options options;
  return settled(layers, table_of(options), build);
}

std::string refusal(
    const std::vector<Settings>& layers, const Build& build = [](auto&&...) {}) {
  try {
    merged(layers, build);
  } catch (const OptionError& error) {
    return with_flags(error.message());
  }
  return "";
}

TEST(Settings, OfAHigherLayerOverrideOptionByOption) {
  const Settings used =
      merged({{given("--history", "5")}, {in_file("--history", "7"), in_file("--quiet", "true")}});
  ASSERT_EQ(used.size(), 2U);
  EXPECT_EQ(find_setting(used, "--history")->texts, Texts{"5"});
  EXPECT_TRUE(is_set(used, "--quiet"));
}

TEST(Settings, OfALowerLayerGiveWayInAConflict) {
  EXPECT_EQ(merged({{given("--optimizer", "adam")}, {in_file("--history", "7")}}).size(), 1U);
  EXPECT_EQ(merged({{given("--strength", "7")}, {in_file("--style-weight", "7")}}).size(), 1U);
  EXPECT_EQ(merged({{given("--style-weight", "7")}, {in_file("--strength", "7")}}).size(), 1U);
}

TEST(Settings, NeverGiveWayWhereAnOptionNeedsThem) {
  EXPECT_EQ(refusal({{given("--history", "7")}, {in_file("--optimizer", "adam")}}),
            "--history is for lbfgs (--optimizer is set at run.toml:3)");
}

TEST(Settings, OfOneLayerAreRefusedWithTheirPlaces) {
  EXPECT_EQ(refusal({{given("--strength", "7"), given("--style-weight", "7")}}),
            "--strength sets the weights");
  EXPECT_EQ(
      refusal({{}, {in_file("--strength", "7"), in_file("--style-weight", "7")}}),
      "--strength sets the weights (--strength is set at run.toml:3; --style-weight is set at "
      "run.toml:3)");
}

TEST(Settings, GiveWayToWhatTheLibraryRefuses) {
  const Build build = [](const Settings& settings) {
    if (!is_set(settings, "--style-weight") || !is_set(settings, "--quiet")) return;
    throw OptionError({"quiet", "style_weight"},
                      option("quiet") + " and " + option("style_weight") + " clash");
  };
  EXPECT_EQ(merged({{given("--quiet", "true")}, {in_file("--style-weight", "1")}}, build).size(),
            1U);
  EXPECT_EQ(refusal({{}, {in_file("--style-weight", "1"), in_file("--quiet", "true")}}, build),
            "--quiet and --style-weight clash (--quiet is set at run.toml:3; --style-weight is set "
            "at run.toml:3)");
}

TEST(Settings, AreSetThroughTheTable) {
  Options options;
  const OptionTable table = table_of(options);
  const Settings settings{in_file("--history", "7"), in_file("--quiet", "true"),
                          given("--report", "a.html")};
  apply_settings(settings, table);
  EXPECT_EQ(options.history, 7);
  EXPECT_TRUE(options.quiet);
  EXPECT_EQ(arguments_of(settings, table), (std::vector<std::string>{"--history", "7", "--quiet"}));
  try {
    apply_settings({in_file("--history", "999")}, table);
    FAIL();
  } catch (const OptionError& error) {
    EXPECT_STREQ(error.what(), "run.toml:3: history 999: out of range; give 1 to 200 pairs");
    EXPECT_EQ(error.fields(), std::vector<std::string>{"history"});
  }
}

TEST(PassValues, AreReadAndWritten) {
  std::optional<int> ignored;
  OptionTable table;
  table.number("--iterations", "N", "", ignored, Bounds<int>{0}, "40")
      .in_pass({[](PassOverrides& pass, const std::string& where, const std::string& text) {
                  pass.iterations = parse_number(where, text, Bounds<int>{0});
                },
                [](const PassOverrides& pass) {
                  return pass.iterations ? Json(*pass.iterations) : Json();
                }});
  table.number("--margin", "N", "", ignored, Bounds<int>{0}, "16");
  const PassOverrides pass = set_pass(table, "--pass", "iterations=70");
  EXPECT_EQ(pass.iterations, 70);
  EXPECT_EQ(pass_text(table, pass), "iterations=70");
  for (const char* text : {"margin=3", "iterations", "iterations=1,iterations=2", "iterations=x"}) {
    EXPECT_THROW(static_cast<void>(set_pass(table, "--pass", text)), OptionError) << text;
  }
}

}  // namespace
}  // namespace styletransfer::cli
