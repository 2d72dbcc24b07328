#include "cli/checkpoint/stored_command.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/suggestions.h"
#include "cli/options/choices.h"
#include "styletransfer/error.h"
#include "styletransfer/image_io.h"
#include "styletransfer/transfer.h"

namespace styletransfer::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kNetworkStart = "network:";

std::string text_of(const Json& value) {
  if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
  if (value.is_number()) return number_text(value.get<double>());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string list_text(const Json& values) {
  std::vector<std::string> texts;
  for (const Json& value : values) texts.push_back(text_of(value));
  return detail::joined(texts, ",");
}

bool has_control_character(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

/// Rebuilds the command line from stored settings.
class CommandBuilder {
 public:
  CommandBuilder(const Json& json, const std::string& image_path)
      : json_(json), schedule_(json.at("schedule")), image_path_(image_path) {}

  /// Throws UsageError for text that a shell or a terminal could take for something else: the image
  /// may be a stranger's.
  StoredCommand build() {
    if (is_apply()) {
      add_apply();
    } else {
      add_main();
    }
    add_notes();
    for (const auto* const texts : {&command_.arguments, &command_.notes}) {
      if (std::any_of(texts->begin(), texts->end(), has_control_character)) {
        throw UsageError(image_path_ + ": the stored settings have control characters");
      }
    }
    return std::move(command_);
  }

 private:
  void add(const std::string& flag, const std::string& value) {
    command_.arguments.push_back(flag);
    command_.arguments.push_back(value);
  }
  /// Adds the flag unless its value is the default.
  void add_unless(const std::string& flag, const Json& value, const Json& default_value) {
    if (value.is_null() || value == default_value) return;
    add(flag, value.is_array() ? list_text(value) : text_of(value));
  }
  void note(const std::string& text) { command_.notes.push_back(text); }

  [[nodiscard]] Json at(const char* key) const { return json_.value(key, Json()); }
  [[nodiscard]] std::string init() const { return text_of(at("init")); }
  [[nodiscard]] bool starts_from_network() const { return init().starts_with(kNetworkStart); }
  /// Only `apply` takes a convention and the network's precision.
  [[nodiscard]] bool is_apply() const {
    if (!starts_from_network()) return false;
    const bool is_unrefined =
        schedule_.at("iterations") == 0 && schedule_.at("pass").empty() && at("style").empty();
    return is_unrefined || !at("convention").empty() || at("network_precision") == "bfloat16";
  }
  [[nodiscard]] LossKind loss() const {
    return at("loss") == "classic" ? LossKind::kClassic : LossKind::kRelative;
  }

  /// No image is optimized, and flags of the optimization would be refused.
  [[nodiscard]] bool recolors() const {
    return at("colors") == "style-only" || at("colors") == "style-chroma";
  }

  void add_main() {
    command_.arguments = {"styletransfer", "--content", text_of(at("content"))};
    add_styles();
    add_masks();
    add_file();
    add_size(ScheduleOptions().size_px);
    if (!recolors()) add_schedule();
    add_unless("--margin", at("margin"), default_margin_px(loss()));
    add_unless("--init", at("init"), "content");
    add_unless("--seed", at("seed"), 0);
    add_weights();
    add_unless("--colors", at("colors"), "style");
    add_loss();
    add_optimizer();
    add_stopping();
    add_unless("--precision", at("precision"), "");
  }

  void add_apply() {
    const std::string content = text_of(at("content"));
    // A positional argument must not look like a flag.
    command_.arguments = {"styletransfer", "apply",
                          (content.starts_with("-") ? "./" : "") + content};
    add("--network", init().substr(kNetworkStart.size()));
    const Json convention = at("convention");
    for (const char* key :
         {"input_range", "output_range", "channel_order", "multiple_of", "mean", "std"}) {
      std::string flag = std::string("--") + key;
      std::replace(flag.begin(), flag.end(), '_', '-');
      add_unless(flag, convention.value(key, Json()), Json());
    }
    add_file();
    add_size(0);
    add_unless("--colors", at("colors"), "style");
    if (!schedule_.at("pass").empty()) {
      const std::string pass = text_of(schedule_.at("pass").front());
      add("--refine", pass.substr(pass.find('=') + 1));
      add_styles();
      add_weights();
    }
    add_unless("--precision", at("network_precision"), "float32");
  }

  void add_styles() {
    for (const Json& style : at("style")) add("--style", text_of(style));
    const Json blend = at("style_blend");
    const bool is_equal = std::all_of(blend.begin(), blend.end(),
                                      [&](const Json& share) { return share == blend.front(); });
    if (!is_equal) add("--style-blend", list_text(blend));
    const Json scale = at("style_scale");
    const bool is_default = std::all_of(scale.begin(), scale.end(),
                                        [](const Json& factor) { return factor == Style().scale; });
    if (!is_default) add("--style-scale", list_text(scale));
  }

  void add_masks() {
    for (const Json& mask : at("content_mask")) add("--content-mask", text_of(mask));
    for (const Json& mask : at("style_mask")) add("--style-mask", text_of(mask));
    add_unless("--untouched-mask", at("untouched_mask"), Json());
    add_unless("--content-weight-mask", at("content_weight_mask"), Json());
    if (!at("mask_sha256").is_null()) note("the folders of the masks are not stored, only names");
  }

  void add_file() {
    add("--output", image_path_);
    const WriteOptions defaults;
    add_unless("--bit-depth", at("bit_depth"), defaults.bit_depth);
    if (output_has_quality(image_path_)) add_unless("--quality", at("quality"), defaults.quality);
    add_unless("--alpha", at("alpha"), "keep");
  }

  /// `default_px`: 0 for the content's size.
  void add_size(int default_px) {
    constexpr std::string_view kPrint = "print ";
    const Json& size = schedule_.at("size");
    const std::string text = text_of(size);
    if (text.starts_with(kPrint)) {
      add("--print", text.substr(kPrint.size()));
    } else if (text != (default_px == 0 ? "content" : std::to_string(default_px))) {
      add("--size", text);
    }
  }

  void add_schedule() {
    const ScheduleOptions defaults;
    add_unless("--iterations", schedule_.at("iterations"), defaults.iterations);
    add_unless("--passes", schedule_.at("passes"), "growing");
    add_unless("--coarse-steps", schedule_.value("coarse_steps", Json()), defaults.coarse_steps);
    for (const Json& pass : schedule_.at("pass")) add("--pass", text_of(pass));
  }

  void add_weights() {
    const Weights defaults = default_weights(loss());
    if (const Json strength = at("strength"); !strength.is_null()) {
      add("--strength", text_of(strength));
    } else {
      add_unless("--content-weight", schedule_.at("content_weight"), defaults.content_weight);
      add_unless("--style-weight", schedule_.at("style_weight"), defaults.style_weight);
    }
    add_unless("--tv-weight", schedule_.at("tv_weight"), defaults.tv_weight);
  }

  void add_loss() {
    const LossOptions defaults;
    add_unless("--loss", at("loss"), name_of(defaults.kind, kLossKinds));
    add_unless("--style-loss", at("style_loss"), name_of(defaults.style_loss, kStyleLosses));
    add_unless("--content-layers", at("content_layers"), defaults.content_layers);
    add_unless("--style-layers", at("style_layers"), defaults.style_layers);
    add_unless("--pooling", at("pooling"), name_of(defaults.pooling, kPoolings));
  }

  void add_optimizer() {
    const OptimizerOptions defaults;
    add_unless("--optimizer", at("optimizer"), name_of(defaults.kind, kOptimizers));
    add_unless("--history", at("history"), defaults.history);
    add_unless("--learning-rate", at("learning_rate"), defaults.learning_rate);
  }

  void add_stopping() {
    if (const Json limit = at("time_limit"); !limit.is_null()) {
      add("--time-limit", text_of(limit) + "s");
      note("with --time-limit the number of iterations differs from run to run");
    }
    if (const Json percent = at("plateau_threshold"); !percent.is_null()) {
      command_.arguments.emplace_back("--stop-on-plateau");
      add_unless("--plateau-threshold", percent, StoppingOptions().plateau_percent);
    }
  }

  void add_notes() {
    if (at("seconds").is_null()) {
      note("the folders of the images are not stored (--reproducible), only names");
    } else {
      note("relative paths start at the folder in which the program ran, which is not stored");
    }
    const Json source = at("network").value("source", Json());
    if (source.is_string() && !source.get_ref<const std::string&>().empty()) {
      note("the path of the network file is not stored (" + text_of(source) +
           "); where it is not the default one, add --model FILE");
    }
    if (const Json ending = at("ending"); ending != "finished") {
      note("this image is of a run that ended early (" + text_of(ending) +
           "); the command makes the whole run");
    }
  }

  const Json& json_;
  const Json& schedule_;
  const std::string& image_path_;
  StoredCommand command_;
};

}  // namespace

StoredCommand stored_command(const std::string& settings, const std::string& image_path) {
  const Json json = Json::parse(settings, nullptr, /*allow_exceptions=*/false);
  const bool is_ours = json.is_object() && json.value("program", Json()) == "styletransfer";
  const std::string problem = image_path + ": no settings of this program are stored in it";
  if (!is_ours) throw UsageError(problem);
  try {
    return CommandBuilder(json, image_path).build();
  } catch (const Json::exception&) {
    throw UsageError(problem + " that make a command");
  }
}

}  // namespace styletransfer::cli
