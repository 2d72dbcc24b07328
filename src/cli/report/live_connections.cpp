#include "cli/report/live_connections.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <map>
#include <new>
#include <utility>

#include "cli/report/live_limits.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

using live_limits::kMaxClosingTime;
using live_limits::kMaxConnections;
using live_limits::kMaxDiscardedBytes;
using live_limits::kMaxReplacedBytes;
using live_limits::kMaxRequestTime;
using live_limits::kMaxResponseTime;
using live_limits::kSendBufferBytes;

/// Pause after the system is out of file descriptors.
constexpr int kNoDescriptorPauseMs = 100;
/// Bounds accepts per round, so that new connections are read before others displace them.
constexpr std::size_t kMaxAcceptedAtOnce = kMaxConnections / 4;

constexpr const char* kFixedHeaders =
    "Connection: close\r\n"
    "Cache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Referrer-Policy: no-referrer\r\n";

const char* reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 417:
      return "Expectation Failed";
    case 431:
      return "Request Header Fields Too Large";
    default:
      return "Error";
  }
}

std::string head_of(const LiveResponse& response) {
  const std::size_t length = response.file ? response.file->bytes.size() : 0;
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " +
                     reason_of(response.status) + "\r\n" + kFixedHeaders;
  if (response.status == 405) head += "Allow: GET, HEAD, POST\r\n";
  if (!response.content_type.empty()) head += "Content-Type: " + response.content_type + "\r\n";
  return head + "Content-Length: " + std::to_string(length) + "\r\n\r\n";
}

LiveResponse refusal(int status) {
  LiveResponse response;
  response.status = status;
  return response;
}

/// True when the call should be retried later.
bool is_try_again() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

void set_option(int socket, int level, int name, int value) {
  ::setsockopt(socket, level, name, &value, sizeof(value));
}

Descriptor listening_socket(int port) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.number() < 0) throw RunError("--watch: cannot create a socket for the live page");
  // Allows a port with connections in TIME_WAIT, but not one that is in use.
  set_option(socket.number(), SOL_SOCKET, SO_REUSEADDR, 1);
  set_option(socket.number(), SOL_SOCKET, SO_SNDBUF, kSendBufferBytes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(socket.number(), generic, sizeof(address)) != 0 ||
      ::listen(socket.number(), static_cast<int>(kMaxConnections)) != 0) {
    throw UsageError(
        "--watch: the port is not available; another program may be using it: choose another port, "
        "or none for any free port");
  }
  return socket;
}

int port_of(int socket) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

Descriptor wake_descriptor() {
  Descriptor descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (descriptor.number() < 0) throw RunError("--watch: cannot create an event descriptor");
  return descriptor;
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

struct LiveConnections::Connection {
  explicit Connection(Descriptor&& accepted) : socket(std::move(accepted)) {}

  Descriptor socket;
  State state = State::kReading;
  Clock::time_point deadline = Clock::now() + kMaxRequestTime;
  LiveRequestReader reader;
  std::string head;                      // of the response
  std::shared_ptr<const LiveFile> file;  // the response's body, where there is one
  std::size_t sent_bytes = 0;
  std::size_t discarded_bytes = 0;
};

LiveConnections::LiveConnections(int port, Calls calls)
    : calls_(std::move(calls)), listener_(listening_socket(port)), wake_(wake_descriptor()) {
  port_ = port_of(listener_.number());
  thread_ = std::thread([this] { run(); });
}

LiveConnections::~LiveConnections() {
  const std::uint64_t one = 1;
  while (::write(wake_.number(), &one, sizeof(one)) < 0 && errno == EINTR) {
  }
  thread_.join();
}

void LiveConnections::run() {
  while (true) {
    try {
      if (!wait_and_serve()) return;
    } catch (const std::bad_alloc&) {
      connections_.clear();  // the run has priority for memory
    }
  }
}

bool LiveConnections::wait_and_serve() {
  std::array<pollfd, kMaxConnections + 2> polled{};
  polled[0] = {wake_.number(), POLLIN, 0};
  // poll() ignores negative descriptors.
  polled[1] = {has_free_descriptors_ ? listener_.number() : -1, POLLIN, 0};
  nfds_t count = 2;
  for (const Connection& one : connections_) {
    const bool is_writing = one.state == State::kWriting;
    polled[count++] = {one.socket.number(), static_cast<short>(is_writing ? POLLOUT : POLLIN), 0};
  }
  const int wait_ms =
      has_free_descriptors_ ? milliseconds_to_next_deadline() : kNoDescriptorPauseMs;
  if (::poll(polled.data(), count, wait_ms) < 0 && errno != EINTR) return false;
  if (polled[0].revents != 0) return false;
  const pollfd* next = &polled[2];
  for (auto one = connections_.begin(); one != connections_.end(); ++next) {
    one = next->revents != 0 && !serve(*one) ? connections_.erase(one) : std::next(one);
  }
  close_expired();
  close_with_replaced_files();
  if (!has_free_descriptors_ || polled[1].revents != 0) accept_some();
  return true;
}

int LiveConnections::milliseconds_to_next_deadline() const {
  if (connections_.empty()) return -1;
  const auto by_deadline = [](const Connection& a, const Connection& b) {
    return a.deadline < b.deadline;
  };
  const auto next = std::min_element(connections_.begin(), connections_.end(), by_deadline);
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(next->deadline - Clock::now()).count();
  return static_cast<int>(std::max<decltype(left)>(left, 0));
}

void LiveConnections::accept_some() {
  has_free_descriptors_ = true;
  for (std::size_t i = 0; i < kMaxAcceptedAtOnce; ++i) {
    Descriptor socket(
        ::accept4(listener_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.number() < 0) {
      has_free_descriptors_ =
          errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
      if (!has_free_descriptors_ && !connections_.empty()) connections_.pop_front();
      return;
    }
    // Without it the last segment of a response may wait for an acknowledgment (Nagle's algorithm).
    set_option(socket.number(), IPPROTO_TCP, TCP_NODELAY, 1);
    if (connections_.size() == kMaxConnections) connections_.pop_front();
    connections_.emplace_back(std::move(socket));
  }
}

void LiveConnections::close_with_replaced_files() {
  std::map<const LiveFile*, bool> is_kept;
  std::size_t bytes = 0;
  for (auto one = connections_.end(); one != connections_.begin();) {
    --one;
    if (!one->file || !one->file->is_replaced) continue;
    const auto [file, is_new] = is_kept.emplace(one->file.get(), false);
    if (is_new) {
      bytes += one->file->bytes.size();
      file->second = bytes <= kMaxReplacedBytes;
    }
    if (!file->second) one = connections_.erase(one);
  }
}

void LiveConnections::close_expired() {
  const Clock::time_point now = Clock::now();
  for (auto one = connections_.begin(); one != connections_.end();) {
    if (now < one->deadline) {
      ++one;
      continue;
    }
    // An incomplete request gets an error response, in one attempt, since its time is over.
    if (one->state == State::kReading && !one->reader.is_empty()) {
      begin_response(*one, refusal(408), false);
    }
    one = connections_.erase(one);
  }
}

bool LiveConnections::serve(Connection& connection) {
  switch (connection.state) {
    case State::kReading:
      return read_request(connection);
    case State::kWriting:
      return write_response(connection);
    case State::kClosing:
      return discard_input(connection);
  }
  return false;
}

bool LiveConnections::read_request(Connection& connection) {
  std::array<char, 4096> piece{};
  const ssize_t count = ::recv(connection.socket.number(), piece.data(), piece.size(), 0);
  if (count <= 0) return count < 0 && is_try_again();
  const auto status = connection.reader.take({piece.data(), static_cast<std::size_t>(count)});
  if (status == LiveRequestReader::kIncomplete) return true;
  if (status != LiveRequestReader::kComplete) {
    return begin_response(connection, refusal(status), false);
  }
  const LiveRequest& request = connection.reader.request();
  return begin_response(connection, calls_.answer(request), request.method != "HEAD");
}

bool LiveConnections::begin_response(Connection& connection, LiveResponse response, bool has_body) {
  connection.head = head_of(response);
  if (has_body) connection.file = std::move(response.file);
  connection.state = State::kWriting;
  connection.deadline = Clock::now() + kMaxResponseTime;
  return write_response(connection);
}

bool LiveConnections::write_response(Connection& connection) {
  const std::string_view head = connection.head;
  const std::string_view body =
      connection.file ? std::string_view(connection.file->bytes) : std::string_view();
  while (connection.sent_bytes < head.size() + body.size()) {
    std::string_view rest_of_head = head.substr(std::min(head.size(), connection.sent_bytes));
    std::string_view rest_of_body =
        body.substr(connection.sent_bytes - std::min(head.size(), connection.sent_bytes));
    std::array<iovec, 2> parts{{{const_cast<char*>(rest_of_head.data()), rest_of_head.size()},
                                {const_cast<char*>(rest_of_body.data()), rest_of_body.size()}}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t count = ::sendmsg(connection.socket.number(), &message, MSG_NOSIGNAL);
    if (count < 0) return is_try_again();
    connection.sent_bytes += static_cast<std::size_t>(count);
  }
  if (connection.file) calls_.on_sent(*connection.file);
  connection.file.reset();
  // Closing a socket with unread input resets the connection, which could discard the response in
  // transit.
  ::shutdown(connection.socket.number(), SHUT_WR);
  connection.state = State::kClosing;
  connection.deadline = Clock::now() + kMaxClosingTime;
  return true;
}

bool LiveConnections::discard_input(Connection& connection) {
  std::array<char, 4096> piece{};
  const ssize_t count = ::recv(connection.socket.number(), piece.data(), piece.size(), 0);
  if (count <= 0) return count < 0 && is_try_again();
  connection.discarded_bytes += static_cast<std::size_t>(count);
  return connection.discarded_bytes <= kMaxDiscardedBytes;
}

}  // namespace styletransfer::cli
