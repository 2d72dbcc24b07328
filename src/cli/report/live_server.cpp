#include "cli/report/live_server.h"

#include <httplib.h>
#include <openssl/rand.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <regex>
#include <thread>

#include "detail/sha256.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kLoopback = "127.0.0.1";
constexpr int kThreads = 4;
constexpr int kPatienceSeconds = 2;
constexpr std::size_t kMostRequestBytes = 1024;
constexpr std::chrono::seconds kWatchedFor{4};

/// 128 random bits in hexadecimal.
std::string random_key() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw RunError("the system has no random numbers for the live page's address");
  }
  return detail::hexadecimal(bytes);
}

/// This machine under one of its own names; any port, as one may come through a tunnel.
bool is_own_host(const std::string& host) {
  static const std::regex kOwn(R"((127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?)");
  return std::regex_match(host, kOwn);
}

const char* kind_of(const std::string& name) {
  if (name.ends_with(".json")) return "application/json";
  if (name.ends_with(".jpg")) return "image/jpeg";
  return "text/html; charset=utf-8";
}

struct PublishedFile {
  std::shared_ptr<const std::string> bytes;
  bool is_fetched = false;
};

}  // namespace

struct LiveServer::Parts {
  httplib::Server server;
  std::string key = random_key();
  std::string address;
  std::thread thread;
  std::atomic<bool> has_ended = false;
  std::atomic<bool> stop_requested = false;
  std::atomic<Clock::rep> last_asked = 0;

  mutable std::mutex mutex;
  mutable std::condition_variable fetched;
  std::map<std::string, PublishedFile> files;

  void set_up();
  httplib::Server::HandlerResponse judge(const httplib::Request& request,
                                         httplib::Response& response);
  void send_file(const std::string& name, httplib::Response& response);
  void stop_run(const httplib::Request& request, httplib::Response& response);
};

void LiveServer::Parts::set_up() {
  // The library's own choice would let two programs share a port.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_read_timeout(kPatienceSeconds);
  server.set_write_timeout(kPatienceSeconds);
  server.set_keep_alive_timeout(kPatienceSeconds);
  server.set_payload_max_length(kMostRequestBytes);
  server.set_default_headers({{"Cache-Control", "no-store"},
                              {"X-Content-Type-Options", "nosniff"},
                              {"X-Frame-Options", "DENY"},
                              {"Cross-Origin-Resource-Policy", "same-origin"},
                              {"Referrer-Policy", "no-referrer"}});
  server.set_pre_routing_handler(
      [this](const auto& request, auto& response) { return judge(request, response); });
  server.Get("/" + key + "/([a-z0-9.-]*)", [this](const auto& request, auto& response) {
    send_file(request.matches[1], response);
  });
  server.Post("/" + key + "/stop",
              [this](const auto& request, auto& response) { stop_run(request, response); });
}

httplib::Server::HandlerResponse LiveServer::Parts::judge(const httplib::Request& request,
                                                          httplib::Response& response) {
  if (is_own_host(request.get_header_value("Host"))) {
    return httplib::Server::HandlerResponse::Unhandled;
  }
  response.status = 403;
  response.set_content("only for this machine's own name\n", "text/plain");
  return httplib::Server::HandlerResponse::Handled;
}

void LiveServer::Parts::send_file(const std::string& name, httplib::Response& response) {
  std::shared_ptr<const std::string> bytes;
  {
    const std::lock_guard lock(mutex);
    const auto file = files.find(name);
    if (file == files.end()) {
      response.status = 404;
      return;
    }
    bytes = file->second.bytes;
    file->second.is_fetched = true;
  }
  last_asked = Clock::now().time_since_epoch().count();
  fetched.notify_all();
  response.set_content(*bytes, kind_of(name));
}

void LiveServer::Parts::stop_run(const httplib::Request& request, httplib::Response& response) {
  const std::string own = "http://" + request.get_header_value("Host");
  if (request.get_header_value("Origin") != own ||
      request.get_header_value("X-Styletransfer") != "stop") {
    response.status = 403;
    response.set_content("only the page itself may stop the run\n", "text/plain");
    return;
  }
  stop_requested = true;
  response.set_content("stopping\n", "text/plain");
}

LiveServer::LiveServer(int port) : parts_(std::make_unique<Parts>()) {
  parts_->set_up();
  if (port == 0) {
    port = parts_->server.bind_to_any_port(kLoopback);
  } else if (!parts_->server.bind_to_port(kLoopback, port)) {
    port = -1;
  }
  if (port <= 0) {
    throw UsageError(
        "--watch: the port cannot be had; another program may use it: name another, "
        "or none for any free one");
  }
  parts_->address =
      std::string("http://") + kLoopback + ":" + std::to_string(port) + "/" + parts_->key + "/";
  parts_->thread = std::thread([parts = parts_.get()] {
    parts->server.listen_after_bind();
    parts->has_ended = true;
  });
  // A server that does not run yet cannot be stopped.
  while (!parts_->server.is_running() && !parts_->has_ended) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

LiveServer::~LiveServer() {
  parts_->server.stop();
  parts_->thread.join();
}

const std::string& LiveServer::address() const { return parts_->address; }

void LiveServer::publish(const std::string& name, std::string bytes) {
  auto shared = std::make_shared<const std::string>(std::move(bytes));
  const std::lock_guard lock(parts_->mutex);
  parts_->files[name] = {std::move(shared), false};
}

bool LiveServer::is_watched() const {
  const Clock::duration asked(parts_->last_asked.load());
  return asked.count() != 0 && Clock::now().time_since_epoch() - asked < kWatchedFor;
}

bool LiveServer::stop_requested() const { return parts_->stop_requested; }

void LiveServer::wait_until_fetched(const std::string& name, std::chrono::milliseconds most) const {
  std::unique_lock lock(parts_->mutex);
  parts_->fetched.wait_for(lock, most, [&] { return parts_->files[name].is_fetched; });
}

}  // namespace styletransfer::cli
