#include "cli/convention_flags.h"

#include "cli/choices.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;

std::array<double, 3> parse_triple(Text flag, Text text, double least) {
  constexpr double kMost = 1e6;
  const std::vector<std::string> parts = split_list(flag, text);
  if (parts.size() != 3) refuse_value(flag, text, "give three numbers, such as 0.5,0.5,0.5");
  std::array<double, 3> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = parse_double(flag, parts[i], least, kMost);
  }
  return values;
}

}  // namespace

void add_convention_flags(FlagTable& table, PaintingOptions& painting) {
  const char* kFileSays = "as the file says";
  ConventionClues& facts = painting.facts;
  table.value("--convention", "pytorch-examples|cyclegan",
              "how the network takes pictures, for a file that does not say it", kFileSays,
              [&](Text flag, Text text) {
                painting.family = convention_of_family(parse_choice(flag, text, kNetworkFamilies));
              });
  table.value(
      "--input-range", "0..255|0..1|-1..1", "what black and white are to the network", kFileSays,
      [&](Text flag, Text text) { facts.input_range = parse_choice(flag, text, kValueRanges); });
  table.value("--output-range", "0..255|0..1|-1..1", "the same of its output",
              "as the file says, or the input range", [&](Text flag, Text text) {
                facts.output_range = parse_choice(flag, text, kValueRanges);
              });
  table.value("--channel-order", "rgb|bgr", "order of the colours, in and out",
              "as the file says, or rgb",
              [&](Text flag, Text text) { facts.bgr = parse_choice(flag, text, kChannelOrders); });
  table.value("--multiple-of", "N", "sizes that the network takes are multiples of this",
              "as the file says, or 1", [&](Text flag, Text text) {
                facts.multiple_of = parse_int(flag, text, 1, 4096, "pixels");
              });
  table.value("--mean", "A,B,C", "taken from the input, in units of its range",
              "as the file says, or 0,0,0",
              [&](Text flag, Text text) { facts.mean = parse_triple(flag, text, -1e6); });
  table.value("--std", "A,B,C", "the input is divided by it after that",
              "as the file says, or 1,1,1",
              [&](Text flag, Text text) { facts.deviation = parse_triple(flag, text, 1e-6); });
}

}  // namespace styletransfer::cli
