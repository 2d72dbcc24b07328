#include "cli/checkpoint/stored_command.h"

#include <gtest/gtest.h>

#include "cli/checkpoint/run_metadata.h"
#include "cli/options/tables.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

using Words = std::vector<std::string>;

/// Sets options of a table from "--flag", "value", ....
void set_all(const OptionTable& table, const Words& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const OptionRow& row = *table.find(words[i]);
    row.set(row.flag, row.form == OptionForm::kToggle ? "true" : words[++i]);
  }
}

RunReport report(const std::string& precision = "") {
  RunReport report;
  report.stop_reason = StopReason::kFinished;
  report.machine.precision = precision;
  return report;
}

/// The arguments that reproduce an image made with these, but for the program's name.
Words reproduced(const Words& words, const std::string& precision = "") {
  StylizeOptions options;
  set_all(stylize_table(options), words);
  Words arguments = stored_command(settings_json(options, report(precision)), "out.jpg").arguments;
  arguments.erase(arguments.begin());
  return arguments;
}

Words with_images(Words words) {
  const Words images{"--content", "c.png", "--style", "s.png", "--output", "out.jpg"};
  words.insert(words.begin(), images.begin(), images.end());
  return words;
}

TEST(StoredCommand, HasTheOptionsThatDifferFromTheDefaults) {
  const std::vector<Words> all{
      {},
      {"--size", "content"},
      {"--bit-depth", "16", "--quality", "80", "--alpha", "flatten"},
      {"--iterations", "7", "--coarse-steps", "2", "--margin", "3"},
      {"--size", "40", "--pass", "size=24,iterations=2", "--pass", "tv-weight=0.5"},
      {"--passes", "2", "--init", "noise", "--seed", "18446744073709551615"},
      {"--strength", "60", "--tv-weight", "3"},
      {"--content-weight", "2", "--style-weight", "9.5"},
      {"--colors", "neutral", "--style-loss", "wasserstein", "--content-layers", "relu3_1,relu4_2"},
      {"--style-weight", "7", "--loss", "classic", "--pooling", "average", "--optimizer", "adam",
       "--learning-rate", "0.3"},
      {"--init", "network:n.pt", "--pooling", "average"},
      {"--time-limit", "90s", "--stop-on-plateau", "--plateau-threshold", "2"}};
  for (const Words& words : all) EXPECT_EQ(reproduced(with_images(words)), with_images(words));
}

TEST(StoredCommand, HasTheSheetAndThePrecisionOfTheRun) {
  EXPECT_EQ(reproduced(with_images({"--print", "A2"}), "int16"),
            with_images({"--print", "594x420mm@300", "--precision", "int16"}));
}

TEST(StoredCommand, IsApplyForTheImageOfANetwork) {
  ApplyOptions options;
  options.images = {"-c.png"};
  options.image.content_path = options.images.front();
  const Words words{"--network", "n.pt",  "--channel-order", "bgr",     "--mean",      "1,0.5,0",
                    "--size",    "64",    "--colors",        "neutral", "--refine",    "3",
                    "--style",   "s.png", "--strength",      "60",      "--precision", "bfloat16"};
  set_all(apply_table(options), words);
  complete(options, [](auto&&...) { return false; });
  const std::string settings = settings_json(options.image, report());
  EXPECT_EQ(stored_command(settings, "out.png").arguments, (Words{"styletransfer",
                                                                  "apply",
                                                                  "./-c.png",
                                                                  "--network",
                                                                  "n.pt",
                                                                  "--channel-order",
                                                                  "bgr",
                                                                  "--mean",
                                                                  "1,0.5,0",
                                                                  "--output",
                                                                  "out.png",
                                                                  "--size",
                                                                  "64",
                                                                  "--colors",
                                                                  "neutral",
                                                                  "--refine",
                                                                  "3",
                                                                  "--style",
                                                                  "s.png",
                                                                  "--strength",
                                                                  "60",
                                                                  "--precision",
                                                                  "bfloat16"}));
}

TEST(StoredCommand, IsNotMadeOfForeignSettings) {
  for (const char* settings :
       {"", "{}", R"({"program": "styletransfer"})",
        R"({"program": "styletransfer", "content": "c", "schedule": 5})",
        R"({"program": "styletransfer", "content": "c", "schedule": {"size": "x"}})",
        R"({"program": "styletransfer", "content": "\u001b[2J", "network": {},
            "schedule": {"iterations": 1, "pass": []}})"}) {
    EXPECT_THROW(static_cast<void>(stored_command(settings, "out.png")), UsageError) << settings;
  }
}

}  // namespace
}  // namespace styletransfer::cli
