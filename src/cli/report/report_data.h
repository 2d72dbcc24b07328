// Data of a run's report, except its progress (ReportCollector).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/report/report_collector.h"
#include "styletransfer/run_report.h"

namespace styletransfer::cli {

struct NamedImage {
  /// The image's file name, as shown.
  std::string label;
  /// "content.jpg": its name on the live page.
  std::string name;
  /// Empty: not available (yet).
  std::string jpeg;
};

struct ReportData {
  std::string started_utc;
  /// Shell command that reproduces the image.
  std::string command;
  /// settings_json of the run; empty until the inputs are read.
  std::string settings_json;
  std::string output_path;
  /// Never null.
  const RunReport* run = nullptr;
  NamedImage content;
  std::vector<NamedImage> styles;
  NamedImage result;
};

/// URL of an image on the page: a data: URL, or a name on the server.
using ImageAddress = std::function<std::string(const NamedImage&)>;

/// The whole report as JSON; with `address`, the images are included.
[[nodiscard]] std::string report_json(const ReportData& data, const ReportCollector& recording,
                                      const ImageAddress& address = {});

/// A thumbnail of the run under its name: "course-3.jpg".
[[nodiscard]] NamedImage course_image(const ReportCollector& recording, std::size_t index);

}  // namespace styletransfer::cli
