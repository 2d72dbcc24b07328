#include "cli/options/flag_groups.h"

#include <charconv>
#include <limits>
#include <regex>

#include "cli/args/memory_size.h"
#include "cli/args/values.h"
#include "cli/options/choices.h"
#include "cli/options/print_flag.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;

constexpr double kNoLimit = std::numeric_limits<double>::max();
constexpr int kNoIntLimit = std::numeric_limits<int>::max();

/// Default of a weight, which depends on --loss.
std::string weight_default(double Weights::*field) {
  return number_text(default_weights(LossKind::kRelative).*field) +
         "; classic: " + number_text(default_weights(LossKind::kClassic).*field);
}

std::uint64_t parse_seed(Text flag, Text text) {
  std::uint64_t seed = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, seed);
  if (stop != end || problem != std::errc()) {
    refuse_value(flag, text, "not a whole number from 0 to 18446744073709551615");
  }
  return seed;
}

std::vector<std::string> parse_layers(Text flag, Text text) {
  std::vector<std::string> layers = split_list(flag, text);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (layers[i] == layers[j]) refuse_value(flag, text, layers[i] + " is listed twice");
    }
  }
  return layers;
}

std::string parse_device(Text flag, Text text) {
  static const std::regex kDevice("auto|cpu|mps|cuda(:[0-9]{1,3})?");
  static const std::vector<std::string> kNames{"auto", "cpu", "cuda", "cuda:N", "mps"};
  if (!std::regex_match(text, kDevice)) {
    refuse_value(flag, text, "choose " + either_of(kNames) + detail::did_you_mean(text, kNames));
  }
  return text;
}

}  // namespace

void add_image_flags(FlagTable& table, JobOptions& options) {
  table.group("Images");
  table.value("-c,--content", "IMAGE", "content image", "",
              [&](Text, Text text) { options.content_path = text; });
  add_style_flags(table, options);
}

void add_style_flags(FlagTable& table, JobOptions& options) {
  table.repeated("-s,--style", "IMAGE", "style image (repeatable; styles are blended)",
                 [&](Text, Text text) { options.style_paths.push_back(text); });
  table.value("--style-blend", "A,B,...", "weight of each style in the blend", "equal shares",
              [&](Text flag, Text text) {
                for (const std::string& part : split_list(flag, text)) {
                  options.style_blend.push_back(parse_double(flag, part, 0.0, kNoLimit));
                }
              });
  table.value("--style-scale", "F,...",
              "size of the style images relative to the pass; larger values give larger strokes; "
              "one value for all styles or one per style",
              number_text(Style().scale), [&](Text flag, Text text) {
                for (const std::string& part : split_list(flag, text)) {
                  options.style_scale.push_back(parse_double(flag, part, 0.05, 20.0));
                }
              });
}

void add_output_flags(FlagTable& table, StylizeOptions& options) {
  table.group("Output");
  table.value("-o,--output", "FILE", "output file; its extension sets the format",
              "CONTENT-STYLE.png in the current folder",
              [&](Text, Text text) { options.output_path = text; });
  add_file_flags(table, options);
}

void add_file_flags(FlagTable& table, StylizeOptions& options) {
  WriteOptions& write = options.write;
  table.toggle("--overwrite", "replace an existing output file", write.overwrite);
  table.value("--bit-depth", "8|16", "bits per channel; 16 for PNG and TIFF",
              std::to_string(write.bit_depth), [&](Text flag, Text text) {
                write.bit_depth = parse_choice(flag, text, kBitDepths);
              });
  table.value("--quality", "1..100", "JPEG and WebP quality", std::to_string(write.quality),
              [&](Text flag, Text text) { write.quality = parse_int(flag, text, 1, 100); });
  table.value("--alpha", "keep|flatten",
              "transparency of the content image: keep, or composite on white",
              name_of(options.alpha, kAlphas), [&](Text flag, Text text) {
                options.alpha = parse_choice(flag, text, kAlphas);
                options.alpha_asked = true;
              });
  table.toggle("--reproducible",
               "byte-identical output for the same command: store no times and no machine details",
               options.reproducible);
}

void add_schedule_flags(FlagTable& table, StylizeOptions& options) {
  ScheduleOptions& schedule = options.job.schedule;
  table.group("Size and iterations");
  table.value("--size", "PX|content",
              "long side of the result in pixels, or that of the content image",
              std::to_string(schedule.size_px),
              [&](Text flag, Text text) { schedule.size_px = parse_size(flag, text); });
  table.value("--print", "PAPER[@DPI]",
              "scale the result to fit a sheet of paper: A3, letter@240, 60x40cm, 16x20in; the dpi "
              "is stored",
              "dpi: " + number_text(PaperSize().dpi),
              [&](Text flag, Text text) { options.print = parse_paper_size(flag, text); });
  table.value("--iterations", "N",
              "iterations of the last pass; coarser passes get more. 0: only resize",
              std::to_string(schedule.iterations), [&](Text flag, Text text) {
                schedule.iterations = parse_int(flag, text, 0, kMaxIterations, "iterations");
              });
  table.value(
      "--coarse-steps", "F", "iterations of each coarser pass, relative to the next finer one",
      "square root of 2",
      [&](Text flag, Text text) { schedule.coarse_steps = parse_double(flag, text, 1.0, 4.0); });
  table.value("--passes", "N", "N passes at full size, each starting from the previous result",
              "passes of growing size", [&](Text flag, Text text) {
                schedule.passes = parse_int(flag, text, 1, kMaxPasses, "passes");
              });
  table.repeated(
      "--pass", "KEY=V,...",
      "one pass of an explicit list: size=, iterations=, content-weight=, "
      "style-weight=, tv-weight=; repeat for the next pass",
      [&](Text flag, Text text) { schedule.pass_list.push_back(parse_pass(flag, text)); });
}

void add_margin_flag(FlagTable& table, Job& job) {
  table.value(
      "--margin", "PX",
      "reflect-pad the image by PX pixels and crop afterwards; avoids a faded border",
      std::to_string(default_margin_px(LossKind::kRelative)) +
          "; classic: " + std::to_string(default_margin_px(LossKind::kClassic)),
      [&](Text flag, Text text) { job.margin_px = parse_int(flag, text, 0, 256, "pixels"); });
}

void add_start_flags(FlagTable& table, StylizeOptions& options) {
  Init& init = options.job.init;
  table.group("Initialization");
  table.value("--init", "content|noise|IMAGE|network:FILE.pt",
              "start image, or a feed-forward network that generates it",
              name_of(init.kind, kInits), [&](Text flag, Text text) {
                init.kind = InitKind::kImage;
                for (const auto& choice : kInits) {
                  if (choice.name == text) init.kind = choice.value;
                }
                constexpr std::string_view kNetwork = "network:";
                const bool by_network = text.starts_with(kNetwork);
                options.feed_forward.network_path = by_network ? text.substr(kNetwork.size()) : "";
                if (by_network && options.feed_forward.network_path.empty()) {
                  refuse_value(flag, text, "give the network file, such as network:painting.pt");
                }
                options.init_path = init.kind == InitKind::kImage && !by_network ? text : "";
              });
  add_seed_flag(table, "for --init noise: same seed, same image", init.seed);
}

void add_seed_flag(FlagTable& table, const std::string& help, std::uint64_t& seed) {
  table.value("--seed", "N", help, std::to_string(seed),
              [&](Text flag, Text text) { seed = parse_seed(flag, text); });
}

void add_weight_flags(FlagTable& table, Job& job) {
  ScheduleOptions& schedule = job.schedule;
  const auto weight = [&](Text names, Text help, double Weights::*default_text,
                          std::optional<double>& field) {
    table.value(names, "W", help, weight_default(default_text), [&field](Text flag, Text text) {
      field = parse_double(flag, text, 0.0, kNoLimit);
    });
  };
  table.group("Weights");
  table.value(
      "--strength", "0..100",
      "stylization strength, sets both weights below: 0 nearly the photo, 100 nearly pure texture",
      "50, the default weights", [&schedule](Text flag, Text text) {
        schedule.strength = parse_double(flag, text, 0.0, 100.0);
      });
  weight("--content-weight", "weight of the content loss", &Weights::content_weight,
         schedule.content_weight);
  weight("--style-weight", "weight of the style loss", &Weights::style_weight,
         schedule.style_weight);
  weight("--tv-weight", "weight of the total variation loss; removes color speckle",
         &Weights::tv_weight, schedule.tv_weight);
}

void add_loss_flags(FlagTable& table, Job& job) {
  LossOptions& loss = job.loss;
  table.group("Loss");
  table.value("--loss", "relative|classic",
              "normalize each term by its target's energy, or use neural-style's loss",
              name_of(loss.kind, kLossKinds), [&](Text flag, Text text) {
                loss.kind = parse_choice(flag, text, kLossKinds);
                job.schedule.loss = loss.kind;
              });
  table.value("--style-loss", "gram|wasserstein|sliced-wasserstein",
              "style statistic: Gram matrices; mean and covariance (Wasserstein distance); or "
              "feature distributions (sliced Wasserstein distance)",
              name_of(loss.style_loss, kStyleLosses), [&](Text flag, Text text) {
                loss.style_loss = parse_choice(flag, text, kStyleLosses);
              });
  table.value("--content-layers", "A,B,...", "layers of the content loss",
              detail::joined(loss.content_layers, ","),
              [&](Text flag, Text text) { loss.content_layers = parse_layers(flag, text); });
  table.value("--style-layers", "A,B,...", "layers of the style loss",
              detail::joined(loss.style_layers, ","),
              [&](Text flag, Text text) { loss.style_layers = parse_layers(flag, text); });
  table.value("--pooling", "max|average", "pooling layers of VGG", name_of(loss.pooling, kPoolings),
              [&](Text flag, Text text) { loss.pooling = parse_choice(flag, text, kPoolings); });
}

void add_optimizer_flags(FlagTable& table, OptimizerOptions& optimizer) {
  table.group("Optimizer");
  table.value("--optimizer", "lbfgs|adam", "adam needs less memory, for poster sizes",
              name_of(optimizer.kind, kOptimizers), [&](Text flag, Text text) {
                optimizer.kind = parse_choice(flag, text, kOptimizers);
              });
  table.value(
      "--history", "N", "lbfgs: number of curvature pairs, each as large as two images in memory",
      std::to_string(optimizer.history),
      [&](Text flag, Text text) { optimizer.history = parse_int(flag, text, 1, 200, "pairs"); });
  table.value("--learning-rate", "R", "adam: learning rate", number_text(optimizer.learning_rate),
              [&](Text flag, Text text) {
                optimizer.learning_rate = parse_double(flag, text, 1e-6, 10.0);
              });
}

void add_device_flags(FlagTable& table, JobOptions& options) {
  table.group("Network and device");
  table.value("--model", "FILE.pt", "VGG network file", "$STYLETRANSFER_MODEL or models/vgg19.pt",
              [&](Text, Text text) { options.model_path = text; });
  add_trust_flag(table, options.trusts_networks);
  add_runtime_flags(table, options.runtime);
}

void add_trust_flag(FlagTable& table, bool& trusts_networks) {
  table.toggle("--trust",
               "use network files without checking their code; only for files that you trust",
               trusts_networks);
}

void add_runtime_flags(FlagTable& table, RuntimeOptions& runtime) {
  table.value("--device", "auto|cpu|cuda|cuda:N|mps", "device to compute on", runtime.device,
              [&](Text flag, Text text) { runtime.device = parse_device(flag, text); });
  table.value("--threads", "N", "CPU threads", "one per physical core", [&](Text flag, Text text) {
    runtime.threads = parse_int(flag, text, 1, 1024, "threads");
  });
}

void add_precision_flag(FlagTable& table, RuntimeOptions& runtime) {
  table.value(
      "--precision", "auto|float32|int16|bfloat16",
      "number type of the activations or of the convolution products; losses are always float32",
      name_of(runtime.precision, kPrecisions),
      [&](Text flag, Text text) { runtime.precision = parse_choice(flag, text, kPrecisions); });
}

void add_run_flags(FlagTable& table, StylizeOptions& options) {
  add_precision_flag(table, options.runtime);
  add_memory_flag(table, options.job.memory_limit_bytes);
}

void add_memory_flag(FlagTable& table, std::int64_t& limit_bytes) {
  table.value("--memory-limit", "SIZE", "upper bound of memory use, such as 6G or 800M",
              "90 % of the free memory",
              [&](Text flag, Text text) { limit_bytes = parse_memory_size(flag, text); });
}

void add_log_flags(FlagTable& table, LogFlags& flags) {
  table.group("Messages");
  table.toggle("-q,--quiet", "only warnings and errors", flags.quiet);
  table.toggle("-v,--verbose", "more details", flags.verbose);
}

}  // namespace styletransfer::cli
