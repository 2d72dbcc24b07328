#include <algorithm>
#include <filesystem>

#include "cli/options/conflicts.h"
#include "cli/options/rows.h"
#include "cli/terminal/formatted.h"

namespace styletransfer::cli {
namespace {

using Text = const std::string&;
using Problem = std::string;

/// Value of a mask option for a style without a mask.
constexpr const char* kNoMask = "none";
/// A wrong number of values is refused even where a file sets them and the command line sets the
/// styles: without them the image would silently lack a mask or a weight.
const std::vector<std::string> kNothingYields;

std::vector<double> parse_numbers(Text where, Text text, const Bounds<double>& bounds) {
  std::vector<double> numbers;
  for (Text part : split_list(where, text)) numbers.push_back(parse_number(where, part, bounds));
  return numbers;
}

std::string styles_text(std::size_t count) {
  return counted(static_cast<long long>(count), "style image");
}

/// False also while a style that is needed is missing, which is reported by itself.
bool is_other_number(std::size_t count, std::size_t styles, const TextsOf& texts_of) {
  return count != styles && (styles > 0 || !has_steps(texts_of));
}

Problem blend_problem(const Texts& own, const TextsOf& texts_of) {
  const std::size_t shares = parts_of(own.front(), ',').size();
  const std::size_t styles = texts_of("--style").size();
  if (!is_other_number(shares, styles, texts_of)) return "";
  return "--style-blend has " + std::to_string(shares) +
         (shares == 1 ? " share for " : " shares for ") + styles_text(styles) +
         "; give one for each --style";
}

Problem zero_blend_problem(const Texts& own, const TextsOf& /*texts_of*/) {
  const std::vector<std::string> shares = parts_of(own.front(), ',');
  const bool is_zero = std::all_of(shares.begin(), shares.end(),
                                   [](Text share) { return number_of({share}, 0.0) == 0.0; });
  return is_zero ? "--style-blend gives every style the share 0; make one of them positive" : "";
}

Problem scale_problem(const Texts& own, const TextsOf& texts_of) {
  const std::size_t factors = parts_of(own.front(), ',').size();
  const std::size_t styles = texts_of("--style").size();
  if (factors == 1 || !is_other_number(factors, styles, texts_of)) return "";
  return "--style-scale has " + std::to_string(factors) + " factors for " + std::to_string(styles) +
         " style image(s); give one for all or one for each";
}

Problem mask_count_problem(Text flag, const Texts& own, const TextsOf& texts_of) {
  const std::size_t styles = texts_of("--style").size();
  if (is_other_number(own.size(), styles, texts_of)) {
    return flag + " is given " + counted(static_cast<long long>(own.size()), "time") + " for " +
           styles_text(styles) + "; give one for each --style (none: no mask)";
  }
  if (std::all_of(own.begin(), own.end(), [](Text path) { return path == kNoMask; })) {
    return flag + " is none for every style; give a mask or leave it out";
  }
  return "";
}

Problem weight_mask_problem(const Texts& /*own*/, const TextsOf& texts_of) {
  if (number_of(texts_of("--content-weight"), 1.0) != 0.0) return "";
  return "--content-weight-mask has no effect with --content-weight 0; leave one of them out";
}

/// File names instead of paths, since contents are compared by hash.
Json file_name(Text path) {
  return path.empty() ? kNoMask : std::filesystem::path(path).filename().string();
}

void add_mask_of_styles_row(OptionTable& table, Text flag, Text help,
                            std::vector<std::string>& paths) {
  table
      .repeated(flag, "IMAGE|none", help,
                [&paths](Text, Text text) { paths.push_back(text == kNoMask ? "" : text); })
      .result()
      .gets([&paths] {
        Json names;
        for (Text path : paths) names.push_back(file_name(path));
        return names;
      })
      .for_iterations()
      .conflicts_with({kNothingYields, [flag](const Texts& own, const TextsOf& texts_of) {
                         return mask_count_problem(flag, own, texts_of);
                       }});
}

OptionRow& add_mask_row(OptionTable& table, Text flag, Text help, std::string& path) {
  return table.text(flag, "IMAGE", help, "", path)
      .result()
      .gets([&path] { return path.empty() ? Json() : file_name(path); })
      .for_iterations();
}

}  // namespace

void add_image_rows(OptionTable& table, JobOptions& options) {
  table.group("Images");
  table.text("-c,--content", "IMAGE", "content image", "", options.content_path)
      .result_not_stored("compared by the file's hash");
  add_style_rows(table, options);
}

OptionRow& add_style_row(OptionTable& table, const std::string& help, JobOptions& options) {
  std::vector<std::string>& paths = options.style_paths;
  return table
      .repeated("-s,--style", "IMAGE", help, [&paths](Text, Text text) { paths.push_back(text); })
      .gets([&paths] { return Json(paths); })
      .result_not_stored("compared by the files' hashes");
}

void add_images_row(OptionTable& table, const std::string& names, const std::string& help,
                    std::vector<std::string>& paths) {
  table.listed(names, "IMAGE|FOLDER...", help, [&paths](Text, Text text) { paths.push_back(text); })
      .gets([&paths] { return Json(paths); })
      .result_not_stored("compared by the files' hashes");
}

void add_style_rows(OptionTable& table, JobOptions& options) {
  add_style_row(table, "style image (repeatable; styles are blended)", options);
  table
      .value("--style-blend", "A,B,...", "weight of each style in the blend", "equal shares",
             [&](Text where, Text text) {
               options.style_blend = parse_numbers(where, text, Style::kBlend);
             })
      .result()
      .gets([&] {
        return options.style_blend.empty()
                   ? Json(std::vector<double>(options.style_paths.size(), Style().blend))
                   : Json(options.style_blend);
      })
      .conflicts_with({kNothingYields, blend_problem})
      .conflicts_with({kNothingYields, zero_blend_problem})
      .excludes("--content-mask",
                "--style-blend has no effect with --content-mask, whose gray values are the "
                "weights; leave one out");
  table
      .value("--style-scale", "F,...",
             "size of the style images relative to the pass; larger values give larger strokes; "
             "one value for all styles or one per style",
             number_text(Style().scale),
             [&](Text where, Text text) {
               options.style_scale = parse_numbers(where, text, Style::kScale);
             })
      .result()
      .gets([&] {
        return options.style_scale.empty() ? Json::array({Style().scale})
                                           : Json(options.style_scale);
      })
      .for_iterations()
      .conflicts_with({kNothingYields, scale_problem});
}

void add_mask_rows(OptionTable& table, JobOptions& options) {
  MaskPaths& masks = options.masks;
  table.group("Masks");
  add_mask_of_styles_row(table, "--content-mask",
                         "where a style is applied in the result (white); one per --style; none: "
                         "the area left by the others",
                         masks.content);
  add_mask_of_styles_row(table, "--style-mask",
                         "which part of a style image is used (white); one per --style",
                         masks.style);
  add_mask_row(table, "--untouched-mask", "white areas keep the content's pixels exactly",
               masks.untouched);
  add_mask_row(table, "--content-weight-mask",
               "local factor of the content weight: black 0, mid-gray 1, white 4",
               masks.content_weight)
      .conflicts_with({{"--content-weight"}, weight_mask_problem});
}

}  // namespace styletransfer::cli
