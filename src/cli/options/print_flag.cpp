#include "cli/options/print_flag.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <optional>
#include <regex>

#include "cli/args/values.h"
#include "cli/terminal/formatted.h"

namespace styletransfer::cli {
namespace {

constexpr Bounds<double> kDpi{20.0, 2400.0};
constexpr Bounds<double> kMillimeters{1.0, 20000.0};

struct Paper {
  double width_mm;
  double height_mm;
};

/// Source: ISO 216 (A and B); ANSI/ASME Y14.1 and common use (US).
const std::map<std::string, Paper>& papers() {
  static const std::map<std::string, Paper> kPapers{
      {"a0", {841, 1189}},       {"a1", {594, 841}},         {"a2", {420, 594}},
      {"a3", {297, 420}},        {"a4", {210, 297}},         {"a5", {148, 210}},
      {"a6", {105, 148}},        {"b0", {1000, 1414}},       {"b1", {707, 1000}},
      {"b2", {500, 707}},        {"b3", {353, 500}},         {"b4", {250, 353}},
      {"b5", {176, 250}},        {"b6", {125, 176}},         {"letter", {215.9, 279.4}},
      {"legal", {215.9, 355.6}}, {"tabloid", {279.4, 431.8}}};
  return kPapers;
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

double millimeters_in(const std::string& unit) {
  if (unit == "mm") return 1.0;
  return unit == "cm" ? 10.0 : kMillimetersPerInch;
}

/// Parses "60x40cm"; nothing for other text.
std::optional<Paper> measured_paper(const std::string& flag, const std::string& text,
                                    const std::string& paper) {
  static const std::regex kMeasures("([0-9.]+) ?x ?([0-9.]+) ?(mm|cm|in)");
  std::smatch parts;
  if (!std::regex_match(paper, parts, kMeasures)) return std::nullopt;
  const double unit = millimeters_in(parts[3]);
  const auto side = [&](const std::string& digits) {
    // Rounded to 0.001 mm: 8.5 inches are 215.9 mm.
    const double side_in_units = parse_number(flag, digits, Bounds<double>{0.0, 1e9});
    const double mm = std::round(side_in_units * unit * 1000.0) / 1000.0;
    if (!kMillimeters.contain(mm)) {
      refuse_value(flag, text, "the sides of the sheet must be 1 mm to 20 m");
    }
    return mm;
  };
  return Paper{side(parts[1]), side(parts[2])};
}

Paper parse_paper(const std::string& flag, const std::string& text, const std::string& paper) {
  if (const auto known = papers().find(paper); known != papers().end()) return known->second;
  if (const auto measured = measured_paper(flag, text, paper)) return *measured;
  std::vector<std::string> names;
  for (const auto& [name, sides] : papers()) names.push_back(name);
  refuse_value(
      flag, text,
      "unknown paper size; give A0 to A6, B0 to B6, letter, legal, tabloid, or a size such as "
      "60x40cm, 600x400mm or 16x20in" +
          did_you_mean(paper, names));
}

std::string upper_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

/// "A2@300" for a named sheet, else its size.
std::string sheet_name(const PaperSize& sheet) {
  for (const auto& [name, paper] : papers()) {
    if (paper.width_mm != sheet.height_mm || paper.height_mm != sheet.width_mm) continue;
    const bool is_iso = name.size() == 2;
    return (is_iso ? upper_case(name) : name) + "@" + number_text(sheet.dpi);
  }
  return paper_size_text(sheet);
}

/// The sheet at the highest whole-number dpi with a long side of at most `fitting_px`, or "".
std::string coarser_print(PaperSize sheet, Size content, int fitting_px) {
  sheet.dpi = std::floor(sheet.dpi);
  while (sheet.dpi >= kDpi.min && print_long_edge_px(sheet, content) > fitting_px) --sheet.dpi;
  return sheet.dpi >= kDpi.min ? sheet_name(sheet) : "";
}

/// The largest of A0 to A6 with a long side of at most `fitting_px` at this dpi, or "".
std::string smaller_print(double dpi, Size content, int fitting_px) {
  for (int size = 0; size <= 6; ++size) {
    const Paper paper = papers().at("a" + std::to_string(size));
    const PaperSize sheet{paper.height_mm, paper.width_mm, dpi};
    if (print_long_edge_px(sheet, content) <= fitting_px) return sheet_name(sheet);
  }
  return "";
}

}  // namespace

PaperSize parse_paper_size(const std::string& flag, const std::string& text) {
  const std::size_t at = text.find('@');
  const Paper paper = parse_paper(flag, text, lower_case(text.substr(0, at)));
  PaperSize sheet;
  sheet.width_mm = std::max(paper.width_mm, paper.height_mm);
  sheet.height_mm = std::min(paper.width_mm, paper.height_mm);
  if (at != std::string::npos) {
    // "--print A3@abc: dpi abc: not a number".
    const std::string where = std::string(flag).append(" ").append(text).append(": dpi");
    sheet.dpi = parse_number(where, text.substr(at + 1), kDpi);
  }
  return sheet;
}

std::string paper_size_text(const PaperSize& sheet) {
  return number_text(sheet.width_mm) + "x" + number_text(sheet.height_mm) + "mm@" +
         number_text(sheet.dpi);
}

ScheduleOptions schedule_for(const StylizeOptions& options, Size content) {
  ScheduleOptions schedule = options.job.schedule;
  if (options.print) schedule.size_px = print_long_edge_px(*options.print, content);
  return schedule;
}

std::vector<Pass> passes_for(const StylizeOptions& options, Size content) {
  try {
    return make_schedule(schedule_for(options, content), content);
  } catch (const OptionError& error) {
    const bool is_size = error.fields().front() == "size" && !error.bound().empty();
    if (is_size && options.print) {
      throw UsageError("--print " + paper_size_text(*options.print) + ": the long side would be " +
                       error.message() + "; choose another sheet or resolution");
    }
    // The error names a number that the user did not give.
    if (is_size && options.job.schedule.size_px == 0) {
      throw UsageError(formatted("%dx%d pixels, but the long side of a result ", content.width_px,
                                 content.height_px) +
                       error.bound() + "; give a smaller or larger one with --size PX");
    }
    throw;
  }
}

UsageError print_too_large(const PaperSize& sheet, Size content, const SizeError& error) {
  const SizeError::Facts& facts = error.facts();
  const Message asked = "--print " + sheet_name(sheet) + " (" + std::to_string(facts.asked_px) +
                        " pixels) " + facts.reason + "; ";
  std::string fitting = coarser_print(sheet, content, facts.fitting_px);
  const std::string smaller = smaller_print(sheet.dpi, content, facts.fitting_px);
  if (!fitting.empty() && !smaller.empty()) fitting += " or ";
  fitting += smaller;
  if (fitting.empty()) return UsageError(asked + "no print would fit: " + facts.remedy);
  return UsageError(asked + "--print " + fitting + " would fit (or " + facts.remedy + ")");
}

std::string print_text(const PaperSize& sheet, Size image) {
  return formatted("%d x %d pixels, %.0f x %.0f mm at %.4g dpi", image.width_px, image.height_px,
                   print_length_mm(image.width_px, sheet.dpi),
                   print_length_mm(image.height_px, sheet.dpi), sheet.dpi);
}

}  // namespace styletransfer::cli
