#include <algorithm>
#include <charconv>

#include "cli/args/pass_values.h"
#include "cli/options/choices.h"
#include "cli/options/conflicts.h"
#include "cli/options/print_flag.h"
#include "cli/options/rows.h"
#include "cli/terminal/option_names.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;
using Problem = std::string;

constexpr std::string_view kNetworkInit = "network:";

template <typename Number, typename Parse>
PassKey pass_key(std::optional<Number> PassOverrides::*field, Parse parse) {
  return {[=](PassOverrides& pass, Text where, Text text) { pass.*field = parse(where, text); },
          [=](const PassOverrides& pass) { return pass.*field ? Json(*(pass.*field)) : Json(); }};
}

template <typename Number>
PassKey pass_key(std::optional<Number> PassOverrides::*field, const Bounds<Number>& bounds) {
  return pass_key(field, [=](Text where, Text text) { return parse_number(where, text, bounds); });
}

/// --size and --print are stored as one value.
Json size_json(const StylizeOptions& options) {
  if (options.print) return "print " + paper_size_text(*options.print);
  const int size_px = options.job.schedule.size_px;
  return size_px > 0 ? Json(size_px) : Json("content");
}

Problem print_problem(const Texts& /*own*/, const TextsOf& texts_of) {
  const std::vector<PassOverrides> passes = listed_passes(texts_of);
  if (passes.empty() || !passes.back().size_px) return "";
  return "--print sets the size of the result, and so does the last --pass; leave its size out, or "
         "--print";
}

Problem coarse_steps_problem(const Texts& /*own*/, const TextsOf& texts_of) {
  if (texts_of("--pass").empty() && texts_of("--passes").empty()) return "";
  return "--coarse-steps is for the default schedule of growing passes; leave it out, or leave "
         "--pass and --passes out";
}

Problem pass_count_problem(const Texts& own, const TextsOf& /*texts_of*/) {
  const auto max = static_cast<std::size_t>(ScheduleOptions::kPasses.max);
  if (own.size() <= max) return "";
  return "--pass is given " + std::to_string(own.size()) + " times: at most " +
         std::to_string(max) + " passes make an image";
}

constexpr const char* kStrengthProblem =
    "--strength sets the weights of content and style; leave it or --content-weight and "
    "--style-weight out";

Problem strength_problem(const Texts& /*own*/, const TextsOf& texts_of) {
  const auto is_set = [&](const char* flag) { return !texts_of(flag).empty(); };
  return is_set("--content-weight") || is_set("--style-weight") ? kStrengthProblem : "";
}

Problem strength_pass_problem(const Texts& /*own*/, const TextsOf& texts_of) {
  const std::vector<PassOverrides> passes = listed_passes(texts_of);
  const bool is_weighted = std::any_of(passes.begin(), passes.end(), [](const auto& pass) {
    return pass.content_weight || pass.style_weight;
  });
  return is_weighted ? kStrengthProblem : "";
}

void add_size_rows(OptionTable& table, StylizeOptions& options) {
  add_size_row(table, "long side of the result in pixels, or that of the content image", options)
      .in_pass(pass_key(&PassOverrides::size_px, parse_pass_size))
      .conflicts_with(overridden_by_passes("--size"));
  table
      .value("--print", "PAPER[@DPI]",
             "scale the result to fit a sheet of paper: A3, letter@240, 60x40cm, 16x20in; the dpi "
             "is stored",
             "dpi: " + number_text(PaperSize().dpi),
             [&](Text where, Text text) { options.print = parse_paper_size(where, text); })
      .result("schedule.size")
      .gets([&] { return size_json(options); })
      .excludes("--size",
                "--print and --size both set the size of the result; leave one of them out")
      .conflicts_with({{"--pass"}, print_problem});
}

void add_pass_rows(OptionTable& table, ScheduleOptions& schedule) {
  table
      .number("--iterations", "N",
              "iterations of the last pass; coarser passes get more. 0: only resize",
              schedule.iterations, Pass::kIterations)
      .result("schedule.iterations")
      .in_pass(pass_key(&PassOverrides::iterations, Pass::kIterations))
      .for_iterations()
      .conflicts_with(overridden_by_passes("--iterations"));
  table
      .number("--coarse-steps", "F",
              "iterations of each coarser pass, relative to the next finer one",
              schedule.coarse_steps, ScheduleOptions::kCoarseSteps, "square root of 2")
      .result("schedule.coarse_steps")
      .gets([&] { return schedule.passes > 0 ? Json() : Json(schedule.coarse_steps); })
      .for_iterations()
      .conflicts_with({{"--pass", "--passes"}, coarse_steps_problem});
  table
      .number("--passes", "N", "N passes at full size, each starting from the previous result",
              schedule.passes, ScheduleOptions::kPasses, "passes of growing size")
      .result("schedule.passes")
      .gets([&] { return schedule.passes > 0 ? Json(schedule.passes) : Json("growing"); })
      .for_iterations();
  table
      .repeated("--pass", "KEY=V,...",
                "one pass of an explicit list: size=, iterations=, content-weight=, "
                "style-weight=, tv-weight=; repeat for the next pass",
                [&](Text where, Text text) {
                  schedule.pass_list.push_back(set_pass(pass_table(), where, text));
                })
      .result("schedule.pass")
      .gets([&] {
        Json texts = Json::array();
        for (const PassOverrides& pass : schedule.pass_list) {
          texts.push_back(pass_text(pass_table(), pass));
        }
        return texts;
      })
      .for_iterations()
      .excludes("--passes", "--pass and --passes exclude each other; leave one of them out")
      .conflicts_with({{}, pass_count_problem});
}

}  // namespace

OptionRow& add_size_row(OptionTable& table, const std::string& help, StylizeOptions& options) {
  int& size_px = options.job.schedule.size_px;
  OptionRow& row =
      table.value("--size", "PX|content", help, size_px > 0 ? std::to_string(size_px) : "content",
                  [&](Text where, Text text) { size_px = parse_size(where, text); });
  row.bounds = number_bounds(Pass::kSize);
  return row.result("schedule.size").gets([&] { return size_json(options); });
}

void add_schedule_rows(OptionTable& table, StylizeOptions& options) {
  table.group("Size and iterations");
  add_size_rows(table, options);
  add_pass_rows(table, options.job.schedule);
  Job& job = options.job;
  table
      .number("--margin", "PX",
              "reflect-pad the image by PX pixels and crop afterwards; avoids a faded border",
              job.margin_px, Job::kMargin,
              std::to_string(default_margin_px(LossKind::kRelative)) +
                  "; classic: " + std::to_string(default_margin_px(LossKind::kClassic)))
      .result()
      .gets([&] { return Json(job.margin_px.value_or(default_margin_px(job.loss.kind))); })
      .for_iterations();
}

void add_start_rows(OptionTable& table, StylizeOptions& options) {
  Init& init = options.job.init;
  std::string& network_path = options.feed_forward.network_path;
  const auto set = [&](Text where, Text text) {
    init.kind = InitKind::kImage;
    for (const auto& choice : kInits) {
      if (choice.name == text) init.kind = choice.value;
    }
    const bool by_network = text.starts_with(kNetworkInit);
    network_path = by_network ? text.substr(kNetworkInit.size()) : "";
    if (by_network && network_path.empty()) {
      refuse_value(where, text, "give the network file, such as network:painting.pt");
    }
    options.init_path = init.kind == InitKind::kImage && !by_network ? text : "";
  };
  table.group("Initialization");
  table
      .value("--init", "content|noise|IMAGE|network:FILE.pt",
             "start image, or a feed-forward network that generates it", name_of(init.kind, kInits),
             set)
      .result()
      .gets([&] {
        if (options.feed_forward.is_wanted()) return Json(std::string(kNetworkInit) + network_path);
        return Json(init.kind == InitKind::kImage ? options.init_path : name_of(init.kind, kInits));
      })
      .for_iterations();
  add_seed_row(table, "for --init noise: same seed, same image", init.seed)
      .gets([&] { return init.kind == InitKind::kNoise ? Json(init.seed) : Json(); })
      .for_iterations()
      .needs("--init", {"noise"}, "content",
             "--seed is for --init noise; add that or leave --seed out");
}

OptionRow& add_seed_row(OptionTable& table, const std::string& help, std::uint64_t& seed) {
  return table
      .value("--seed", "N", help, std::to_string(seed),
             [&seed](Text where, Text text) {
               const char* end = text.data() + text.size();
               const auto [stop, problem] = std::from_chars(text.data(), end, seed);
               if (stop != end || problem != std::errc()) {
                 refuse_value(where, text, "not a whole number from 0 to 18446744073709551615");
               }
             })
      .result()
      .gets([&seed] { return Json(seed); });
}

void add_weight_rows(OptionTable& table, Job& job, const std::string& object) {
  ScheduleOptions& schedule = job.schedule;
  table.group("Weights");
  table
      .number("--strength", "0..100",
              "stylization strength, sets both weights below: 0 nearly the photo, 100 nearly pure "
              "texture",
              schedule.strength, kStrengthBounds, "50, the default weights")
      .result()
      .informative()
      .for_iterations()
      .needs("--loss", {"relative"}, "relative",
             "--strength is for --loss relative: the weights of the classic loss mean something "
             "else for every image; use --style-weight")
      .conflicts_with({{"--content-weight", "--style-weight"}, strength_problem})
      .conflicts_with({{"--pass"}, strength_pass_problem});
  const auto add = [&](Text flag, Text help, double Weights::*weight, std::optional<double>& field,
                       std::optional<double> PassOverrides::*own_field) {
    table
        .number(flag, "W", help, field, Weights::kBounds,
                number_text(default_weights(LossKind::kRelative).*weight) +
                    "; classic: " + number_text(default_weights(LossKind::kClassic).*weight))
        .result(object + field_of(flag))
        .gets([&schedule, weight] { return Json(weights_of(schedule).*weight); })
        .in_pass(pass_key(own_field, Weights::kBounds))
        .for_iterations()
        .conflicts_with(overridden_by_passes(flag));
  };
  add("--content-weight", "weight of the content loss", &Weights::content_weight,
      schedule.content_weight, &PassOverrides::content_weight);
  add("--style-weight", "weight of the style loss", &Weights::style_weight, schedule.style_weight,
      &PassOverrides::style_weight);
  add("--tv-weight", "weight of the total variation loss; removes color speckle",
      &Weights::tv_weight, schedule.tv_weight, &PassOverrides::tv_weight);
}

const OptionTable& pass_table() {
  static StylizeOptions unused;
  static const OptionTable kTable = [] {
    OptionTable table;
    add_schedule_rows(table, unused);
    add_weight_rows(table, unused.job, "");
    return table;
  }();
  return kTable;
}

}  // namespace styletransfer::cli
