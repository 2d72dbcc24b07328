#include "cli/report/batch_report.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "cli/args/values.h"
#include "cli/options/report_options.h"
#include "cli/report/machine_facts.h"
#include "cli/terminal/formatted.h"
#include "cli/terminal/log.h"
#include "cli/terminal/progress/progress_reporter.h"
#include "cli/terminal/version.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::array kItemStatuses{
    Choice<ItemStatus>{"painted", ItemStatus::kPainted},
    Choice<ItemStatus>{"finished before", ItemStatus::kFinishedBefore},
    Choice<ItemStatus>{"failed", ItemStatus::kLost},
    Choice<ItemStatus>{"remaining", ItemStatus::kWaiting}};

/// Marker at the beginning of both formats, by which an earlier report is recognized.
constexpr const char* kMark = "styletransfer batch";

bool is_batch_report(const std::string& path) {
  std::array<char, 64> beginning{};
  std::ifstream(path, std::ios::binary).read(beginning.data(), beginning.size() - 1);
  return std::string(beginning.data()).find(kMark) != std::string::npos;
}

Json record_json(const StylizeOptions& shared, std::span<const Pair> pairs,
                 const std::vector<ItemResult>& results, double seconds) {
  Json json;
  json["record"] = kMark;
  json["version"] = program_version();
  json["ended_utc"] = utc_now_text();
  json["at_once"] = shared.job.jobs_at_once;
  json["threads_each"] = shared.runtime.threads;
  json["seconds"] = seconds;
  json["pictures"] = Json::array();
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const ItemResult& result = results[i];
    Json image{
        {"outcome", name_of(result.status, kItemStatuses)},
        {"content", pairs[i].content->path},
        {shared.feed_forward.flag == "--network" ? "network" : "style", pairs[i].style->path},
        {"output", pairs[i].output_path}};
    if (result.status == ItemStatus::kPainted) {
      image["width"] = result.size.width_px;
      image["height"] = result.size.height_px;
      image["seconds"] = result.seconds;
    }
    if (!result.problem.empty()) image["trouble"] = result.problem;
    json["pictures"].push_back(std::move(image));
  }
  return json;
}

/// Escapes text for HTML content and attributes.
std::string as_html(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    const bool is_plain = c != '<' && c != '>' && c != '&' && c != '"' && c != '\'';
    safe += is_plain ? std::string(1, c) : "&#" + std::to_string(static_cast<int>(c)) + ";";
  }
  return safe;
}

/// Relative URL from the page to the image; all but unreserved bytes are percent-encoded.
std::string as_link(const std::string& image_path, const std::string& page_path) {
  std::error_code problem;
  const fs::path folder = fs::absolute(folder_of(page_path), problem);
  const std::string way = fs::absolute(image_path, problem).lexically_relative(folder).string();
  std::string link;
  for (const char c : way) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = std::isalnum(byte) != 0 || c == '/' || c == '.' || c == '-' || c == '_';
    link += is_plain ? std::string(1, c) : formatted("%%%02X", byte);
  }
  return link;
}

/// A small view of an input, linked to the file; empty for a network file.
std::string source_view(const std::string& path, const std::string& page_path) {
  if (path.ends_with(".pt")) return "";
  const std::string name = as_html(fs::path(path).filename().string());
  const std::string link = as_link(path, page_path);
  return "<a href=\"" + link + "\"><img class=\"source\" src=\"" + link + "\" alt=\"" + name +
         "\" title=\"" + name + "\" loading=\"lazy\"></a>";
}

std::string figure(const Pair& pair, const ItemResult& result, const std::string& page_path) {
  const std::string name = as_html(fs::path(pair.output_path).filename().string());
  const bool is_there =
      result.status == ItemStatus::kPainted || result.status == ItemStatus::kFinishedBefore;
  std::string text = "<figure>";
  if (is_there) {
    const std::string link = as_link(pair.output_path, page_path);
    text += "<a href=\"" + link + "\"><img src=\"" + link + "\" alt=\"" + name +
            "\" loading=\"lazy\"></a>";
  }
  text += "<div>" + source_view(pair.content->path, page_path) +
          source_view(pair.style->path, page_path) + "</div>";
  text += "<figcaption>" + name + "<br>" + name_of(result.status, kItemStatuses);
  if (result.status == ItemStatus::kPainted) text += formatted(", %.1f s", result.seconds);
  if (!result.problem.empty()) text += ": " + as_html(result.problem);
  return text + "</figcaption></figure>\n";
}

constexpr const char* kPageHead = R"(<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Stylized images</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; color-scheme: light dark; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); gap: 1.5em; }
figure { margin: 0; overflow-wrap: anywhere; }
img { width: 100%; height: auto; }
img.source { width: 4.5em; height: 4.5em; object-fit: cover; margin-right: .5em; }
</style>
<h1>Painted images</h1>
)";

std::string record_page(const std::string& page_path, std::span<const Pair> pairs,
                        const std::vector<ItemResult>& results, double seconds) {
  std::string text = std::string("<!DOCTYPE html>\n<!-- ") + kMark + " -->\n" + kPageHead + "<p>" +
                     std::to_string(pairs.size()) + " images, " + clock_text(seconds) + ", " +
                     utc_now_text() + "</p>\n<main>\n";
  for (std::size_t i = 0; i < pairs.size(); ++i) text += figure(pairs[i], results[i], page_path);
  return text + "</main>\n";
}

}  // namespace

void check_batch_reports(const StylizeOptions& shared) {
  for (const std::string& path : shared.reports.report_paths) {
    check_report_path(path, shared.write.overwrite || is_batch_report(path));
  }
}

void write_batch_reports(const StylizeOptions& shared, std::span<const Pair> pairs,
                         const std::vector<ItemResult>& results, double seconds) {
  for (const std::string& path : shared.reports.report_paths) {
    const std::string text =
        path.ends_with(".html")
            ? record_page(path, pairs, results, seconds)
            : record_json(shared, pairs, results, seconds)
                      .dump(1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) +
                  "\n";
    write_whole_file(path, text, /*may_replace=*/true);
    log_info("wrote " + path);
  }
}

}  // namespace styletransfer::cli
