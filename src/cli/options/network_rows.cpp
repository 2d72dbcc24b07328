#include <regex>

#include "cli/options/choices.h"
#include "cli/options/rows.h"
#include "cli/terminal/option_names.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;

std::array<double, 3> parse_triple(Text where, Text text, const Bounds<double>& bounds) {
  const std::vector<std::string> parts = split_list(where, text);
  if (parts.size() != 3) refuse_value(where, text, "give three numbers, such as 0.5,0.5,0.5");
  std::array<double, 3> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = parse_number(where, parts[i], bounds);
  }
  return values;
}

std::string parse_device(Text where, Text text) {
  static const std::regex kDevice("auto|cpu|mps|cuda(:[0-9]{1,3})?");
  static const std::vector<std::string> kNames{"auto", "cpu", "cuda", "cuda:N", "mps"};
  if (!std::regex_match(text, kDevice)) {
    refuse_value(where, text, "choose " + either_of(kNames) + did_you_mean(text, kNames));
  }
  return text;
}

/// A row of one value of the convention; `json` turns the value into its stored form.
template <typename T, typename Parse, typename ToJson>
void add_fact_row(OptionTable& table, Text flag, Text metavar, Text help, Text default_text,
                  FeedForwardOptions& feed_forward, std::optional<T> ConventionClues::*field,
                  Parse parse, ToJson json) {
  table
      .value(flag, metavar, help, default_text,
             [&feed_forward, field, parse](Text where, Text text) {
               feed_forward.facts.*field = parse(where, text);
             })
      .result("convention." + field_of(flag))
      .gets([&feed_forward, field, json] {
        const std::optional<T> value = feed_forward.convention().*field;
        return feed_forward.is_wanted() && value ? Json(json(*value)) : Json();
      });
}

template <typename T, std::size_t N>
void add_choice_row(OptionTable& table, Text flag, Text help, Text default_text,
                    FeedForwardOptions& feed_forward, std::optional<T> ConventionClues::*field,
                    const std::array<Choice<T>, N>& choices) {
  add_fact_row(
      table, flag, detail::joined(names_of(choices), "|"), help, default_text, feed_forward, field,
      [&choices](Text where, Text text) { return parse_choice(where, text, choices); },
      [&choices](T value) { return name_of(value, choices); });
}

}  // namespace

void add_convention_rows(OptionTable& table, FeedForwardOptions& feed_forward) {
  using Clues = ConventionClues;
  using Convention = NetworkConvention;
  const char* kFileSays = "from the file";
  table
      .value("--convention", detail::joined(names_of(kNetworkFamilies), "|"),
             "input and output convention, if not stored in the network file", kFileSays,
             [&](Text where, Text text) {
               feed_forward.family =
                   convention_of_family(parse_choice(where, text, kNetworkFamilies));
             })
      .result_not_stored("its values are stored one by one");
  add_choice_row(table, "--input-range", "range of the network's input values", kFileSays,
                 feed_forward, &Clues::input_range, kValueRanges);
  add_choice_row(table, "--output-range", "range of the network's output values",
                 "from the file, or the input range", feed_forward, &Clues::output_range,
                 kValueRanges);
  add_choice_row(table, "--channel-order", "order of the color channels, input and output",
                 "from the file, or rgb", feed_forward, &Clues::bgr, kChannelOrders);
  const auto as_it_is = [](const auto& value) { return value; };
  add_fact_row(
      table, "--multiple-of", "N", "input width and height must be multiples of N",
      "from the file, or 1", feed_forward, &Clues::multiple_of,
      [](Text where, Text text) { return parse_number(where, text, Convention::kMultipleOf); },
      as_it_is);
  table.at("--multiple-of").bounds = number_bounds(Convention::kMultipleOf);
  const auto add_triple = [&](Text flag, Text help, Text default_text,
                              std::optional<std::array<double, 3>> Clues::*field,
                              const Bounds<double>& bounds) {
    add_fact_row(
        table, flag, "A,B,C", help, default_text, feed_forward, field,
        [bounds](Text where, Text text) { return parse_triple(where, text, bounds); }, as_it_is);
  };
  add_triple("--mean", "subtracted from the input, in units of its range",
             "from the file, or 0,0,0", &Clues::mean, Convention::kMean);
  add_triple("--std", "divisor of the input, after --mean", "from the file, or 1,1,1",
             &Clues::stddev, Convention::kStddev);
}

void add_network_precision_row(OptionTable& table, FeedForwardOptions& feed_forward) {
  table
      .choice("--precision", "number type of the --network's activations", feed_forward.in_bfloat16,
              kFeedForwardPrecisions)
      .result("network_precision")
      .gets([&feed_forward] {
        return feed_forward.is_wanted()
                   ? Json(name_of(feed_forward.in_bfloat16, kFeedForwardPrecisions))
                   : Json();
      });
}

void add_device_rows(OptionTable& table, JobOptions& options) {
  table.group("Network and device");
  table
      .text("--model", "FILE.pt", "VGG network file", "$STYLETRANSFER_MODEL or models/vgg19.pt",
            options.model_path)
      .result_not_stored("compared by the file's hash")
      .for_iterations();
  add_trust_row(table, options.trusts_networks);
  add_runtime_rows(table, options.runtime);
}

void add_trust_row(OptionTable& table, bool& trusts_networks) {
  table
      .toggle("--trust",
              "use network files without checking their code; only for files that you trust",
              trusts_networks)
      .for_iterations();
}

void add_runtime_rows(OptionTable& table, RuntimeOptions& runtime) {
  table
      .value("--device", "auto|cpu|cuda|cuda:N|mps", "device to compute on", runtime.device,
             [&](Text where, Text text) { runtime.device = parse_device(where, text); })
      .speed()
      .for_iterations();
  table
      .number("--threads", "N", "CPU threads", runtime.threads, RuntimeOptions::kThreads,
              "one per physical core")
      .speed()
      .for_iterations();
}

void add_precision_row(OptionTable& table, RuntimeOptions& runtime) {
  table
      .choice("--precision",
              "number type of the activations or of the convolution products; losses are always "
              "float32",
              runtime.precision, kPrecisions)
      .result_not_stored("the precision that the machine chose is stored and compared")
      .for_iterations();
}

void add_memory_row(OptionTable& table, std::int64_t& limit_bytes) {
  table
      .value("--memory-limit", "SIZE", "upper bound of memory use, such as 6G or 800M",
             "90 % of the free memory",
             [&](Text where, Text text) { limit_bytes = parse_memory_size(where, text); })
      .speed()
      .for_iterations();
}

}  // namespace styletransfer::cli
