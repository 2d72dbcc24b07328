#include "cli/terminal/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "cli/terminal/option_names.h"

namespace styletransfer::cli {
namespace {

/// The pattern flag %*: "warning: " or "error: ", nothing for other levels.
class LevelPrefix : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
              spdlog::memory_buf_t& out) override {
    std::string_view text;
    if (message.level == spdlog::level::warn) text = "warning: ";
    if (message.level >= spdlog::level::err) text = "error: ";
    out.append(text.data(), text.data() + text.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<LevelPrefix>();
  }
};

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

spdlog::level::level_enum level_of(Verbosity verbosity) {
  switch (verbosity) {
    case Verbosity::kQuiet:
      return spdlog::level::warn;
    case Verbosity::kVerbose:
      return spdlog::level::debug;
    case Verbosity::kNormal:
      break;
  }
  return spdlog::level::info;
}

std::shared_ptr<spdlog::logger> make_logger(const std::string& name, bool color,
                                            std::unique_ptr<spdlog::formatter> formatter) {
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
      color ? spdlog::color_mode::always : spdlog::color_mode::never);
  auto logger = std::make_shared<spdlog::logger>(name, std::move(sink));
  logger->set_formatter(std::move(formatter));
  logger->flush_on(spdlog::level::trace);
  return logger;
}

/// File names may contain newlines and terminal escape sequences.
std::string one_line(const Message& message) {
  std::string line = with_flags(message);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 32 || c == 127; }, '?');
  return line;
}

/// Logs without a newline, so that the line can be rewritten.
spdlog::logger& progress_logger() {
  static const auto logger = make_logger(
      "progress", /*color=*/false,
      std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::local, ""));
  return *logger;
}

}  // namespace

bool stderr_is_terminal() {
  const char* kind = std::getenv("TERM");
  const bool is_dumb = kind == nullptr || std::string_view(kind) == "dumb";
  return !is_dumb && ::isatty(STDERR_FILENO) == 1;
}

void set_up_log(Verbosity verbosity) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<LevelPrefix>('*').set_pattern("%^%*%$%v");
  const bool color = stderr_is_terminal() && !is_set("NO_COLOR");
  spdlog::set_default_logger(make_logger("styletransfer", color, std::move(formatter)));
  spdlog::set_level(level_of(verbosity));
}

void log_detail(const Message& line) { spdlog::debug("{}", one_line(line)); }
void log_info(const Message& line) { spdlog::info("{}", one_line(line)); }
void log_always(const Message& line) {
  // A higher level would pass the threshold but has a prefix.
  const spdlog::level::level_enum threshold = spdlog::get_level();
  spdlog::set_level(spdlog::level::info);
  log_info(line);
  spdlog::set_level(threshold);
}
void log_warning(const Message& line) { spdlog::warn("{}", one_line(line)); }
void log_error(const Message& line) { spdlog::error("{}", one_line(line)); }

void rewrite_progress_line(const std::string& text) {
  if (!spdlog::should_log(spdlog::level::info)) return;
  progress_logger().info("\r{}\x1b[K", one_line(text));
}

}  // namespace styletransfer::cli
