#include "cli/report/run_records.h"

#include <algorithm>

#include "base/atomic_file.h"
#include "cli/choices.h"
#include "cli/picture_job.h"
#include "cli/report/machine_facts.h"
#include "cli/report/record_flags.h"
#include "cli/report/report_page.h"
#include "styletransfer/image_preview.h"

namespace styletransfer::cli {
namespace {

constexpr int kSourceMostPx = 512;
constexpr int kResultMostPx = 1280;

/// A run that goes on replaces the reports of its first part.
bool may_replace(const StylizeOptions& options) {
  return options.write.overwrite || options.control.resume;
}

NamedPicture preview(const std::string& path, const std::string& name, const Image& image,
                     int most_px) {
  return {path, name, preview_jpeg(image, most_px)};
}

}  // namespace

RunRecords::RunRecords(const StylizeOptions& options, Observer& reporter)
    : options_(options), reporter_(reporter) {
  const RecordOptions& wanted = options.records;
  for (const std::string& path : wanted.report_paths) check_report_path(path, may_replace(options));
  if (wanted.report_paths.empty() && !wanted.watch_port) return;
  story_.started_utc = utc_now_text();
  story_.output_path = options.output_path;
  std::vector<std::string> words{"styletransfer"};
  words.insert(words.end(), wanted.arguments.begin(), wanted.arguments.end());
  story_.command = shell_command(words);
  const bool keeps_pictures =
      wanted.watch_port || std::any_of(wanted.report_paths.begin(), wanted.report_paths.end(),
                                       [](const auto& path) { return path.ends_with(".html"); });
  if (wanted.watch_port) {
    server_.emplace(*wanted.watch_port);
    page_.emplace(reporter_, *server_, story_);
    recording_.emplace(*page_, keeps_pictures);
    page_->show(*recording_);
    page_->refresh();
    reporter_.on_message("watch at " + server_->address());
  } else {
    recording_.emplace(reporter_, keeps_pictures);
  }
}

Observer& RunRecords::observer() { return is_wanted() ? *recording_ : reporter_; }

double RunRecords::lap_seconds() {
  const Clock::time_point now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - lap_start_).count();
  lap_start_ = now;
  return seconds;
}

void RunRecords::on_inputs_read(const PictureJob& picture) {
  if (!is_wanted()) return;
  story_.reading_seconds = lap_seconds();
  story_.settings_json = settings_json(options_, picture.record());
  const Job& job = picture.job();
  story_.content = preview(options_.content_path, "content.jpg", job.content, kSourceMostPx);
  for (std::size_t i = 0; i < job.styles.size(); ++i) {
    story_.styles.push_back(preview(options_.style_paths[i], "style-" + std::to_string(i) + ".jpg",
                                    *job.styles[i].image, kSourceMostPx));
  }
  if (page_) page_->refresh();
}

void RunRecords::on_painted(const Result& result) {
  if (!is_wanted()) return;
  story_.painting_seconds = lap_seconds();
  story_.passes = result.passes;
  story_.result = preview(options_.output_path, "result.jpg", result.image, kResultMostPx);
}

void RunRecords::on_written(const Result& result) {
  if (!is_wanted()) return;
  story_.writing_seconds = lap_seconds();
  story_.ending = name_of(result.ending, kEndings);
  write_reports();
  if (page_) page_->finish();
}

void RunRecords::on_failure(const std::string& words) noexcept {
  if (!is_wanted() || story_.settings_json.empty()) return;
  try {
    if (story_.painting_seconds == 0.0) story_.painting_seconds = lap_seconds();
    story_.ending = "failed";
    story_.trouble = words;
    // What the live page showed is no result.
    if (story_.passes.empty()) story_.result = {};
    write_reports();
    if (page_) page_->finish();
  } catch (const std::exception& error) {
    log_warning(std::string("the report could not be written: ") + error.what());
  }
}

void RunRecords::write_reports() const {
  for (const std::string& path : options_.records.report_paths) {
    const bool is_page = path.ends_with(".html");
    const std::string json =
        is_page ? story_json(story_, *recording_,
                             [](const NamedPicture& picture) { return data_address(picture.jpeg); })
                : story_json(story_, *recording_) + "\n";
    write_whole_file(path, is_page ? report_page(json, /*is_live=*/false) : json,
                     may_replace(options_));
    log_info("wrote " + path);
  }
}

}  // namespace styletransfer::cli
