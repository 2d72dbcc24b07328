#include "cli/report/live_server.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "cli/report/live_limits.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

using Clock = std::chrono::steady_clock;
using namespace live_limits;
using namespace std::chrono_literals;

/// Minimal client connection to the server.
class Client {
 public:
  explicit Client(int port, int receive_buffer_bytes = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer_bytes > 0) {
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                   sizeof(receive_buffer_bytes));
    }
    const timeval patience{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  [[nodiscard]] bool is_connected() const { return is_connected_; }
  void send(const std::string& bytes) const {
    static_cast<void>(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
  }
  /// Reads until the server closes the connection.
  [[nodiscard]] std::string receive() const {
    std::string all;
    char piece[4096];
    for (ssize_t count = 0; (count = ::recv(socket_, piece, sizeof(piece), 0)) > 0;) {
      all.append(piece, static_cast<std::size_t>(count));
    }
    return all;
  }
  /// True when the server has closed the connection; does not wait.
  [[nodiscard]] bool is_ended() const {
    char byte = 0;
    const ssize_t count = ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count == 0 || (count < 0 && errno != EAGAIN);
  }

 private:
  int socket_;
  bool is_connected_ = false;
};

class LiveServerTest : public testing::Test {
 protected:
  [[nodiscard]] int port() const {
    const std::size_t colon = server_->address().rfind(':');
    return std::stoi(server_->address().substr(colon + 1));
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return server_->address().substr(server_->address().find('/', 7)) + name;
  }
  [[nodiscard]] std::string get(const std::string& name, const std::string& method = "GET") const {
    return method + " " + path(name) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }
  [[nodiscard]] std::string ask(const std::string& request) const {
    const Client client(port());
    client.send(request);
    return client.receive();
  }
  /// "404" of "HTTP/1.1 404 Not Found".
  [[nodiscard]] std::string status(const std::string& request) const {
    const std::string answer = ask(request);
    return answer.size() < 12 ? "none" : answer.substr(9, 3);
  }
  [[nodiscard]] std::unique_ptr<Client> open(int receive_buffer_bytes = 0) const {
    return std::make_unique<Client>(port(), receive_buffer_bytes);
  }

  std::unique_ptr<LiveServer> server_ = std::make_unique<LiveServer>(0);
};

TEST_F(LiveServerTest, SaysAtTheBareAddressWhereTheWholeOneIs) {
  server_->publish("", "a run");
  const std::string answer = ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 404")) << answer;
  EXPECT_NE(answer.find("watch at"), std::string::npos) << answer;
  EXPECT_EQ(answer.find("a run"), std::string::npos) << answer;
  EXPECT_EQ(answer.find(path("")), std::string::npos) << answer;
  EXPECT_FALSE(server_->is_watched());
}

TEST_F(LiveServerTest, ServesWhatIsPublished) {
  server_->publish("run.json", "{}");
  const std::string answer = ask(get("run.json?5"));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\nContent-Length: 2\r\n\r\n{}")) << answer;
  EXPECT_NE(answer.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
  EXPECT_TRUE(server_->is_watched());
  const std::string head = ask(get("run.json", "HEAD"));
  EXPECT_TRUE(head.ends_with("\r\nContent-Length: 2\r\n\r\n")) << head;
}

TEST_F(LiveServerTest, CarriesTheSecurityHeadersOnEveryResponse) {
  server_->publish("", "page");
  for (const std::string& request : {get(""), get("none"), std::string("nonsense\r\n\r\n")}) {
    const std::string answer = ask(request);
    for (const char* header :
         {"Cache-Control: no-store", "X-Content-Type-Options: nosniff", "X-Frame-Options: DENY",
          "Cross-Origin-Resource-Policy: same-origin", "Referrer-Policy: no-referrer"}) {
      EXPECT_NE(answer.find(std::string("\r\n") + header + "\r\n"), std::string::npos) << answer;
    }
  }
}

TEST_F(LiveServerTest, RefusesWithTheRightStatus) {
  server_->publish("", "page");
  EXPECT_EQ(status(get("none")), "404");
  EXPECT_EQ(status(get("", "POST")), "404");
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), "404");
  EXPECT_EQ(status(get("", "DELETE")), "405");
  EXPECT_EQ(status("GET " + path("") + " HTTP/1.1\r\n\r\n"), "403");
  EXPECT_EQ(status("GET " + path("") + " HTTP/1.1\r\nHost: localhost.example\r\n\r\n"), "403");
  EXPECT_EQ(status("GET / HTTP/1.1\nHost: localhost\r\n\r\n"), "400");
  EXPECT_EQ(status("POST " + path("stop") +
                   " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello"),
            "411");
  EXPECT_EQ(status("POST / HTTP/1.1\r\nContent-Length: 5000\r\n\r\n" + std::string(5000, 'x')),
            "413");
  EXPECT_EQ(status("GET /" + std::string(kMaxRequestLineBytes, 'x')), "414");
  EXPECT_EQ(status("GET / HTTP/1.1\r\nCookie: " + std::string(kMaxHeadBytes, 'x')), "431");
  EXPECT_FALSE(server_->is_watched());
  EXPECT_FALSE(server_->stop_requested());
}

TEST_F(LiveServerTest, SendsALargeFileWhole) {
  const std::string bytes(5'000'000, 'x');
  server_->publish("now.jpg", bytes);
  const std::string answer = ask(get("now.jpg"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n" + bytes));
}

TEST_F(LiveServerTest, EndsARequestThatTakesTooLong) {
  const Client silent(port());
  const Client slow(port());
  slow.send("GET / HTTP/1.1\r\n");
  const auto start = Clock::now();
  EXPECT_TRUE(slow.receive().starts_with("HTTP/1.1 408 "));
  EXPECT_EQ(silent.receive(), "");
  EXPECT_GE(Clock::now() - start, kMaxRequestTime - 500ms);
  EXPECT_LE(Clock::now() - start, kMaxRequestTime + 2s);
}

TEST_F(LiveServerTest, AnswersAtOnceAlthoughEveryPlaceIsTaken) {
  server_->publish("", "page");
  std::vector<std::unique_ptr<Client>> silent;
  for (std::size_t i = 0; i < 2 * kMaxConnections; ++i) silent.push_back(open());
  const auto start = Clock::now();
  EXPECT_EQ(status(get("")), "200");
  EXPECT_LT(Clock::now() - start, 1s);
  std::size_t open = 0;
  for (const auto& one : silent) open += one->is_ended() ? 0 : 1;
  EXPECT_LE(open, kMaxConnections);
  EXPECT_TRUE(silent.front()->is_ended()) << "the oldest is closed first";
  EXPECT_FALSE(silent.back()->is_ended());
}

TEST_F(LiveServerTest, KeepsFewReplacedFilesForThoseWhoReadSlowly) {
  // More than the kernel's buffers hold, so that the server has to keep the file.
  constexpr std::size_t kFileBytes = kMaxReplacedBytes / 2;
  constexpr int kSmallBuffer = 4096;
  std::vector<std::unique_ptr<Client>> readers;
  for (char version = 'a'; version < 'f'; ++version) {
    server_->publish("now.jpg", std::string(kFileBytes, version));
    readers.push_back(open(kSmallBuffer));
    readers.back()->send(get("now.jpg"));
    ASSERT_EQ(status(get("none")), "404") << "the server has seen the reader";
  }
  server_->publish("now.jpg", "the last");
  EXPECT_TRUE(ask(get("now.jpg")).ends_with("the last"));
  // Two replaced files are at the limit: the readers of the others were ended in the middle.
  std::vector<bool> is_whole;
  is_whole.reserve(readers.size());
  for (const auto& reader : readers) is_whole.push_back(reader->receive().size() > kFileBytes);
  EXPECT_EQ(is_whole, (std::vector<bool>{false, false, false, true, true}));
}

TEST_F(LiveServerTest, EndsAtOnceWhateverIsOpen) {
  server_->publish("now.jpg", std::string(1'000'000, 'x'));
  const auto silent = open();
  const auto slow = open();
  slow->send("GET / HT");
  const auto reader = open(4096);
  reader->send(get("now.jpg"));
  ASSERT_EQ(status(get("none")), "404");
  const int old_port = port();
  const auto start = Clock::now();
  server_.reset();
  EXPECT_LT(Clock::now() - start, 500ms);
  EXPECT_TRUE(silent->is_ended());
  EXPECT_FALSE(Client(old_port).is_connected());
}

TEST_F(LiveServerTest, WaitsForAFileUntilItHasBeenSent) {
  server_->publish("run.json", "{}");
  EXPECT_FALSE(server_->wait_until_fetched("run.json", 10ms));
  EXPECT_EQ(status(get("run.json")), "200");
  EXPECT_TRUE(server_->wait_until_fetched("run.json", 5s));
  server_->publish("run.json", "{1}");
  EXPECT_FALSE(server_->wait_until_fetched("run.json", 10ms)) << "the newer one";
  EXPECT_FALSE(server_->wait_until_fetched("none", 10ms));
}

TEST_F(LiveServerTest, RefusesAPortThatIsTaken) {
  EXPECT_THROW(std::make_unique<LiveServer>(port()), UsageError);
}

}  // namespace
}  // namespace styletransfer::cli
