#include "cli/options/network_flags.h"

#include "cli/options/choices.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;

std::array<double, 3> parse_triple(Text flag, Text text, double min) {
  constexpr double kMax = 1e6;
  const std::vector<std::string> parts = split_list(flag, text);
  if (parts.size() != 3) refuse_value(flag, text, "give three numbers, such as 0.5,0.5,0.5");
  std::array<double, 3> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = parse_double(flag, parts[i], min, kMax);
  }
  return values;
}

}  // namespace

void add_convention_flags(FlagTable& table, FeedForwardOptions& feed_forward) {
  const char* kFileSays = "from the file";
  ConventionClues& facts = feed_forward.facts;
  table.value("--convention", "pytorch-examples|cyclegan",
              "input and output convention, if not stored in the network file", kFileSays,
              [&](Text flag, Text text) {
                feed_forward.family =
                    convention_of_family(parse_choice(flag, text, kNetworkFamilies));
              });
  table.value(
      "--input-range", "0..255|0..1|-1..1", "range of the network's input values", kFileSays,
      [&](Text flag, Text text) { facts.input_range = parse_choice(flag, text, kValueRanges); });
  table.value("--output-range", "0..255|0..1|-1..1", "range of the network's output values",
              "from the file, or the input range", [&](Text flag, Text text) {
                facts.output_range = parse_choice(flag, text, kValueRanges);
              });
  table.value("--channel-order", "rgb|bgr", "order of the color channels, input and output",
              "from the file, or rgb",
              [&](Text flag, Text text) { facts.bgr = parse_choice(flag, text, kChannelOrders); });
  table.value(
      "--multiple-of", "N", "input width and height must be multiples of N", "from the file, or 1",
      [&](Text flag, Text text) { facts.multiple_of = parse_int(flag, text, 1, 4096, "pixels"); });
  table.value("--mean", "A,B,C", "subtracted from the input, in units of its range",
              "from the file, or 0,0,0",
              [&](Text flag, Text text) { facts.mean = parse_triple(flag, text, -1e6); });
  table.value("--std", "A,B,C", "divisor of the input, after --mean", "from the file, or 1,1,1",
              [&](Text flag, Text text) { facts.stddev = parse_triple(flag, text, 1e-6); });
}

}  // namespace styletransfer::cli
