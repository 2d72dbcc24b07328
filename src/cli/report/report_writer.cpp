#include "cli/report/report_writer.h"

#include <algorithm>

#include "base/atomic_file.h"
#include "cli/checkpoint/run_metadata.h"
#include "cli/options/report_options.h"
#include "cli/report/machine_facts.h"
#include "cli/report/report_page.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/formatted.h"
#include "cli/terminal/log.h"
#include "image/thumbnail.h"

namespace styletransfer::cli {
namespace {

constexpr int kSourceMaxPx = 512;
constexpr int kResultMaxPx = 1280;

/// A resumed run replaces the reports of its first part.
bool may_replace(const StylizeOptions& options) {
  return options.write.overwrite || options.control.resume;
}

NamedImage preview(const std::string& path, const std::string& name, const Image& image,
                   int max_px) {
  return {path, name, thumbnail_jpeg(image, max_px)};
}

}  // namespace

ReportWriter::ReportWriter(const StylizeOptions& options, const RunReport& run,
                           Observers& observers)
    : options_(options) {
  const ReportOptions& wanted = options.reports;
  for (const std::string& path : wanted.report_paths) check_report_path(path, may_replace(options));
  if (wanted.report_paths.empty() && !wanted.watch_port) return;
  data_.run = &run;
  data_.started_utc = utc_now_text();
  data_.output_path = options.output_path;
  std::vector<std::string> arguments{"styletransfer"};
  arguments.insert(arguments.end(), wanted.arguments.begin(), wanted.arguments.end());
  data_.command = shell_command(arguments);
  const bool keeps_images =
      wanted.watch_port || std::any_of(wanted.report_paths.begin(), wanted.report_paths.end(),
                                       [](const auto& path) { return path.ends_with(".html"); });
  collector_.emplace(keeps_images);
  observers.add(*collector_);
  if (!wanted.watch_port) return;
  server_.emplace(*wanted.watch_port);
  page_.emplace(observers, *server_, data_, *collector_);
  observers.add(*page_);
  page_->refresh();
  // Quiet or not: the address is the only way to the page.
  log_always("watch at " + server_->address());
}

void ReportWriter::on_inputs_read(const Job& job) {
  if (!is_wanted()) return;
  data_.settings_json = settings_json(options_, *data_.run);
  data_.content = preview(options_.content_path, "content.jpg", job.content, kSourceMaxPx);
  for (std::size_t i = 0; i < job.styles.size(); ++i) {
    data_.styles.push_back(preview(options_.style_paths[i], "style-" + std::to_string(i) + ".jpg",
                                   *job.styles[i].image, kSourceMaxPx));
  }
  if (page_) page_->refresh();
}

void ReportWriter::on_painted(const Image& image) {
  if (!is_wanted()) return;
  data_.result = preview(options_.output_path, "result.jpg", image, kResultMaxPx);
}

void ReportWriter::on_ended() {
  if (!is_wanted()) return;
  write_reports();
  if (page_) page_->finish();
}

void ReportWriter::on_failed() noexcept {
  if (!is_wanted() || data_.settings_json.empty()) return;
  try {
    // An intermediate image of the live page is not a result.
    if (data_.run->passes.empty()) data_.result = {};
    on_ended();
  } catch (const std::exception& error) {
    log_warning("the report could not be written: " + failure_of(error).message);
  }
}

void ReportWriter::write_reports() const {
  for (const std::string& path : options_.reports.report_paths) {
    const bool is_page = path.ends_with(".html");
    const std::string json =
        is_page ? report_json(data_, *collector_,
                              [](const NamedImage& image) { return data_address(image.jpeg); })
                : report_json(data_, *collector_) + "\n";
    write_whole_file(path, is_page ? report_page(json, /*is_live=*/false) : json,
                     may_replace(options_));
    log_info("wrote " + path);
  }
}

}  // namespace styletransfer::cli
