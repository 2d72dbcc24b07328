#include "cli/report/live_request.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "cli/report/live_limits.h"

namespace styletransfer::cli {
namespace {

using Reader = LiveRequestReader;

constexpr std::string_view kPlain =
    "GET /key/run.json?17 HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: a b\r\n\r\n";

Reader::Status status_of(const std::string& bytes) { return Reader().take(bytes); }

std::string with_headers(const std::string& headers, const std::string& method = "GET") {
  return method + " / HTTP/1.1\r\n" + headers + "\r\n";
}

TEST(LiveRequest, ReadsMethodPathAndKnownHeaders) {
  Reader reader;
  ASSERT_EQ(reader.take(kPlain), Reader::kComplete);
  EXPECT_EQ(reader.request().method, "GET");
  EXPECT_EQ(reader.request().path, "/key/run.json");
  EXPECT_EQ(reader.request().header("host"), "localhost:8080");
  EXPECT_EQ(reader.request().header("origin"), "");
  EXPECT_EQ(reader.request().header("user-agent"), "") << "not used by the server";
}

TEST(LiveRequest, ReadsTheSameFromPiecesOfAnySize) {
  const std::string bytes =
      "POST /k/stop HTTP/1.1\r\nHOST:\t127.0.0.1 \r\nContent-Length: 3\r\n\r\nabc";
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    Reader reader;
    Reader::Status status = Reader::kIncomplete;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      ASSERT_EQ(status, Reader::kIncomplete) << size << " at " << at;
      status = reader.take(std::string_view(bytes).substr(at, size));
    }
    EXPECT_EQ(status, Reader::kComplete) << size;
    EXPECT_EQ(reader.request().header("host"), "127.0.0.1") << size;
  }
}

TEST(LiveRequest, IgnoresWhatFollowsTheRequest) {
  EXPECT_EQ(status_of(std::string(kPlain) + std::string(kPlain)), Reader::kComplete);
}

TEST(LiveRequest, RefusesMalformedRequestLines) {
  for (const char* line :
       {"GET", "GET /", "GET / HTTP/2.0", "GET  HTTP/1.1", "GET x HTTP/1.1", "GET /a b HTTP/1.1",
        "GET / HTTP/1.1 ", "G{T / HTTP/1.1", " / HTTP/1.1", "GET http://localhost/ HTTP/1.1",
        "GET /\x01 HTTP/1.1", "GET /\xc3\xa4 HTTP/1.1", "GET / HTTP/1.1\nHost: localhost", ""}) {
    EXPECT_EQ(status_of(std::string(line) + "\r\n\r\n"), Reader::kMalformed) << line;
  }
}

TEST(LiveRequest, RefusesMalformedAndAmbiguousHeaders) {
  for (const char* header :
       {"Host localhost", "Host : localhost", ": x", "Host: a\r\n folded", "Host: a\nb",
        "Host: a\r\nhost: b", "Origin: a\r\nOrigin: a", "Content-Length: 1\r\nContent-Length: 1",
        "Content-Length: -1", "Content-Length: +1", "Content-Length: 1, 1", "Content-Length:",
        "Content-Length: 0x1", "Content-Length: 1\r\nTransfer-Encoding: chunked"}) {
    EXPECT_EQ(status_of(with_headers(std::string(header) + "\r\n")), Reader::kMalformed) << header;
  }
  EXPECT_EQ(status_of(with_headers(std::string("Host: a\0b\r\n", 11))), Reader::kMalformed);
}

TEST(LiveRequest, RefusesChunkedBodiesAndExpectations) {
  EXPECT_EQ(status_of(with_headers("Transfer-Encoding: chunked\r\n", "POST")),
            Reader::kLengthRequired);
  EXPECT_EQ(status_of(with_headers("Transfer-Encoding: identity\r\n")), Reader::kLengthRequired);
  EXPECT_EQ(status_of(with_headers("Expect: 100-continue\r\nContent-Length: 9\r\n", "POST")),
            Reader::kExpectationFailed);
}

TEST(LiveRequest, BoundsTheRequestLine) {
  const std::size_t rest = std::string("GET  HTTP/1.1").size();
  const std::string longest(live_limits::kMaxRequestLineBytes - rest - 1, 'a');
  EXPECT_EQ(status_of("GET /" + longest + " HTTP/1.1\r\n\r\n"), Reader::kComplete);
  EXPECT_EQ(status_of("GET /" + longest + "a HTTP/1.1\r\n\r\n"), Reader::kRequestLineTooLong);
  // Also without the final line end.
  EXPECT_EQ(status_of(std::string(live_limits::kMaxRequestLineBytes + 1, 'a')),
            Reader::kRequestLineTooLong);
}

TEST(LiveRequest, BoundsTheHeadersTogether) {
  const std::string start = "GET / HTTP/1.1\r\nCookie: ";
  const std::string longest(live_limits::kMaxHeadBytes - start.size() - 4, 'a');
  EXPECT_EQ(status_of(start + longest + "\r\n\r\n"), Reader::kComplete);
  EXPECT_EQ(status_of(start + longest + "a\r\n\r\n"), Reader::kHeadersTooLarge);
  EXPECT_EQ(status_of(start + std::string(live_limits::kMaxHeadBytes, 'a')),
            Reader::kHeadersTooLarge);
}

TEST(LiveRequest, BoundsTheNumberOfHeaders) {
  std::string headers;
  for (std::size_t i = 0; i < live_limits::kMaxHeaders; ++i) headers += "a: b\r\n";
  EXPECT_EQ(status_of(with_headers(headers)), Reader::kComplete);
  EXPECT_EQ(status_of(with_headers(headers + "a: b\r\n")), Reader::kHeadersTooLarge);
}

TEST(LiveRequest, BoundsTheBody) {
  const std::size_t longest = live_limits::kMaxBodyBytes;
  const auto with_length = [](std::size_t length) {
    return with_headers("Content-Length: " + std::to_string(length) + "\r\n", "POST");
  };
  EXPECT_EQ(status_of(with_length(longest)), Reader::kIncomplete);
  EXPECT_EQ(status_of(with_length(longest) + std::string(longest, 'x')), Reader::kComplete);
  EXPECT_EQ(status_of(with_length(longest + 1)), Reader::kBodyTooLarge);
  EXPECT_EQ(status_of(with_headers("Content-Length: 99999999999999999999999\r\n", "POST")),
            Reader::kBodyTooLarge);
}

}  // namespace
}  // namespace styletransfer::cli
