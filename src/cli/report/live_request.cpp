#include "cli/report/live_request.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "cli/report/live_limits.h"

namespace styletransfer::cli {
namespace {

using live_limits::kMaxBodyBytes;
using live_limits::kMaxHeadBytes;
using live_limits::kMaxHeaders;
using live_limits::kMaxRequestLineBytes;

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

/// Headers that must not be repeated, because the request would be ambiguous.
constexpr std::array<std::string_view, 6> kKnownHeaders{
    "content-length", "expect", "host", "origin", "transfer-encoding", "x-styletransfer"};

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// RFC 9110, 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter_or_digit(c) || kOthers.find(c) != std::string_view::npos;
  });
}

bool is_printable(char c) { return c > ' ' && c < '\x7f'; }

/// No control characters; bytes above 127 are allowed (obs-text, RFC 9110, 5.5).
bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < ' ' && c != '\t') || c == '\x7f';
  });
}

std::string_view without_outer_spaces(std::string_view text) {
  constexpr std::string_view kSpaces = " \t";
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

std::string_view LiveRequest::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : found->second;
}

LiveRequestReader::Status LiveRequestReader::take(std::string_view bytes) {
  if (!is_head_complete_) {
    // The terminator may span two chunks.
    const std::size_t searched = head_.size() - std::min(head_.size(), kHeadEnd.size() - 1);
    const std::size_t old_size = head_.size();
    head_.append(bytes.substr(0, kMaxHeadBytes + 1 - std::min(head_.size(), kMaxHeadBytes)));
    const std::size_t end = head_.find(kHeadEnd, searched);
    if (end == std::string::npos) {
      const std::size_t line = std::min(head_.find(kLineEnd), head_.size());
      if (line > kMaxRequestLineBytes) return kRequestLineTooLong;
      return head_.size() > kMaxHeadBytes ? kHeadersTooLarge : kIncomplete;
    }
    if (end + kHeadEnd.size() > kMaxHeadBytes) return kHeadersTooLarge;
    const Status status = parse_head(std::string_view(head_).substr(0, end + kLineEnd.size()));
    if (status != kComplete) return status;
    is_head_complete_ = true;
    bytes.remove_prefix(end + kHeadEnd.size() - old_size);
    std::string().swap(head_);
  }
  missing_body_bytes_ -= std::min(missing_body_bytes_, bytes.size());
  return missing_body_bytes_ == 0 ? kComplete : kIncomplete;
}

/// `head` ends with the CRLF of the last header.
LiveRequestReader::Status LiveRequestReader::parse_head(std::string_view head) {
  std::size_t lines = 0;
  while (!head.empty()) {
    const std::size_t end = head.find(kLineEnd);
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + kLineEnd.size());
    if (lines > kMaxHeaders) return kHeadersTooLarge;
    const Status status = lines++ == 0 ? parse_request_line(line) : parse_header(line);
    if (status != kComplete) return status;
  }
  return find_body_length();
}

LiveRequestReader::Status LiveRequestReader::parse_request_line(std::string_view line) {
  if (line.size() > kMaxRequestLineBytes) return kRequestLineTooLong;
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return kMalformed;
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method) || (version != "HTTP/1.1" && version != "HTTP/1.0")) return kMalformed;
  if (!target.starts_with('/') || !std::all_of(target.begin(), target.end(), is_printable)) {
    return kMalformed;
  }
  request_.method = method;
  request_.path = target.substr(0, target.find('?'));
  return kComplete;
}

LiveRequestReader::Status LiveRequestReader::parse_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return kMalformed;
  const std::string_view value = without_outer_spaces(line.substr(colon + 1));
  if (!is_field_value(value)) return kMalformed;
  std::string name = lower_case(line.substr(0, colon));
  if (!std::binary_search(kKnownHeaders.begin(), kKnownHeaders.end(), name)) return kComplete;
  return request_.headers.emplace(std::move(name), value).second ? kComplete : kMalformed;
}

LiveRequestReader::Status LiveRequestReader::find_body_length() {
  const bool has_length = request_.headers.contains("content-length");
  if (request_.headers.contains("transfer-encoding")) {
    return has_length ? kMalformed : kLengthRequired;
  }
  if (request_.headers.contains("expect")) return kExpectationFailed;
  if (!has_length) return kComplete;
  const std::string_view text = request_.header("content-length");
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), missing_body_bytes_);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) return kMalformed;
  if (error != std::errc() || missing_body_bytes_ > kMaxBodyBytes) return kBodyTooLarge;
  return kComplete;
}

}  // namespace styletransfer::cli
