#include "cli/batch/record.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "cli/command_line.h"
#include "cli/formatted.h"
#include "cli/log/log.h"
#include "cli/report/machine_facts.h"
#include "cli/report/record_flags.h"
#include "cli/reporter.h"
#include "cli/values.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::array kFates{
    Choice<Fate>{"painted", Fate::kPainted}, Choice<Fate>{"finished before", Fate::kFinishedBefore},
    Choice<Fate>{"failed", Fate::kLost}, Choice<Fate>{"remaining", Fate::kWaiting},
    Choice<Fate>{"remaining", Fate::kInterrupted}};

/// Stands at the beginning of both kinds, by which a report is known again.
constexpr const char* kMark = "styletransfer batch";

bool is_batch_report(const std::string& path) {
  std::array<char, 64> beginning{};
  std::ifstream(path, std::ios::binary).read(beginning.data(), beginning.size() - 1);
  return std::string(beginning.data()).find(kMark) != std::string::npos;
}

Json record_json(const StylizeOptions& shared, std::span<const Pair> pairs,
                 const std::vector<Outcome>& outcomes, double seconds) {
  Json json;
  json["record"] = kMark;
  json["version"] = program_version();
  json["ended_utc"] = utc_now_text();
  json["at_once"] = shared.job.jobs_at_once;
  json["threads_each"] = shared.runtime.threads;
  json["seconds"] = seconds;
  json["pictures"] = Json::array();
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Outcome& outcome = outcomes[i];
    Json picture{{"outcome", name_of(outcome.fate, kFates)},
                 {"content", pairs[i].content->path},
                 {shared.painting.flag == "--network" ? "network" : "style", pairs[i].style->path},
                 {"output", pairs[i].output_path}};
    if (outcome.fate == Fate::kPainted) {
      picture["width"] = outcome.size.width_px;
      picture["height"] = outcome.size.height_px;
      picture["seconds"] = outcome.seconds;
    }
    if (!outcome.trouble.empty()) picture["trouble"] = outcome.trouble;
    json["pictures"].push_back(std::move(picture));
  }
  return json;
}

/// Text that HTML takes as it is, in attributes too.
std::string as_html(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    const bool is_plain = c != '<' && c != '>' && c != '&' && c != '"' && c != '\'';
    safe += is_plain ? std::string(1, c) : "&#" + std::to_string(static_cast<int>(c)) + ";";
  }
  return safe;
}

/// The way to a picture from a page beside or above it; every byte but the plainest is escaped.
std::string as_link(const std::string& picture_path, const std::string& page_path) {
  std::error_code trouble;
  const fs::path folder = fs::absolute(folder_of(page_path), trouble);
  const std::string way = fs::absolute(picture_path, trouble).lexically_relative(folder).string();
  std::string link;
  for (const char c : way) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = std::isalnum(byte) != 0 || c == '/' || c == '.' || c == '-' || c == '_';
    link += is_plain ? std::string(1, c) : formatted("%%%02X", byte);
  }
  return link;
}

std::string figure(const Pair& pair, const Outcome& outcome, const std::string& page_path) {
  const std::string name = as_html(fs::path(pair.output_path).filename().string());
  const bool is_there = outcome.fate == Fate::kPainted || outcome.fate == Fate::kFinishedBefore;
  std::string text = "<figure>";
  if (is_there) {
    const std::string link = as_link(pair.output_path, page_path);
    text += "<a href=\"" + link + "\"><img src=\"" + link + "\" alt=\"" + name +
            "\" loading=\"lazy\"></a>";
  }
  text += "<figcaption>" + name + "<br>" + name_of(outcome.fate, kFates);
  if (outcome.fate == Fate::kPainted) text += formatted(", %.1f s", outcome.seconds);
  if (!outcome.trouble.empty()) text += ": " + as_html(outcome.trouble);
  return text + "</figcaption></figure>\n";
}

constexpr const char* kPageHead = R"(<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Painted pictures</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; color-scheme: light dark; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); gap: 1.5em; }
figure { margin: 0; overflow-wrap: anywhere; }
img { width: 100%; height: auto; }
</style>
<h1>Painted pictures</h1>
)";

std::string record_page(const std::string& page_path, std::span<const Pair> pairs,
                        const std::vector<Outcome>& outcomes, double seconds) {
  std::string text = std::string("<!DOCTYPE html>\n<!-- ") + kMark + " -->\n" + kPageHead + "<p>" +
                     std::to_string(pairs.size()) + " pictures, " + clock_text(seconds) + ", " +
                     utc_now_text() + "</p>\n<main>\n";
  for (std::size_t i = 0; i < pairs.size(); ++i) text += figure(pairs[i], outcomes[i], page_path);
  return text + "</main>\n";
}

}  // namespace

void check_batch_reports(const StylizeOptions& shared) {
  for (const std::string& path : shared.records.report_paths) {
    check_report_path(path, shared.write.overwrite || is_batch_report(path));
  }
}

void write_batch_reports(const StylizeOptions& shared, std::span<const Pair> pairs,
                         const std::vector<Outcome>& outcomes, double seconds) {
  for (const std::string& path : shared.records.report_paths) {
    const std::string text =
        path.ends_with(".html")
            ? record_page(path, pairs, outcomes, seconds)
            : record_json(shared, pairs, outcomes, seconds)
                      .dump(1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) +
                  "\n";
    write_whole_file(path, text, /*may_replace=*/true);
    log_info("wrote " + path);
  }
}

}  // namespace styletransfer::cli
