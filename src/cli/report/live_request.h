// Parser of one HTTP request to the live page, incremental and bounded.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace styletransfer::cli {

struct LiveRequest {
  std::string method;
  std::string path;  // without the query
  /// Only the headers that the server uses, with lower-case names.
  std::map<std::string, std::string, std::less<>> headers;

  /// The header's value, or "".
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// Strict HTTP/1.0 and 1.1 parser. A body is counted and discarded; chunked bodies are rejected.
class LiveRequestReader {
 public:
  enum Status : int {
    kIncomplete = 0,
    kComplete = 200,
    kMalformed = 400,
    kLengthRequired = 411,
    kBodyTooLarge = 413,
    kRequestLineTooLong = 414,
    kExpectationFailed = 417,
    kHeadersTooLarge = 431,
  };

  /// Consumes the next bytes of the connection; anything after the request is ignored. All results
  /// except kIncomplete are final, and those above kComplete are the response's HTTP status.
  Status take(std::string_view bytes);

  [[nodiscard]] bool is_empty() const { return head_.empty() && !is_head_complete_; }
  /// Valid after kComplete.
  [[nodiscard]] const LiveRequest& request() const { return request_; }

 private:
  Status parse_head(std::string_view head);
  Status parse_request_line(std::string_view line);
  Status parse_header(std::string_view line);
  Status find_body_length();

  std::string head_;
  bool is_head_complete_ = false;
  std::size_t missing_body_bytes_ = 0;
  LiveRequest request_;
};

}  // namespace styletransfer::cli
