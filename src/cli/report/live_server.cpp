#include "cli/report/live_server.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <regex>

#include "base/sha256.h"
#include "cli/report/live_connections.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kWatchedFor{4};

/// 128 random bits in hexadecimal.
std::string random_key() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw RunError("--watch: no random numbers are available for the live page's address");
  }
  return detail::hexadecimal(bytes);
}

/// True for this machine's own names with any port, since a tunnel may change the port.
bool is_own_host(std::string_view host) {
  static const std::regex kOwn(R"((127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?)");
  // std::regex uses stack space in proportion to the text's length.
  return host.size() <= 32 && std::regex_match(host.begin(), host.end(), kOwn);
}

const char* content_type_of(std::string_view name) {
  if (name.ends_with(".json")) return "application/json";
  if (name.ends_with(".jpg")) return "image/jpeg";
  return "text/html; charset=utf-8";
}

LiveResponse text_response(int status, const std::string& text) {
  auto file = std::make_shared<LiveFile>();
  file->bytes = text;
  file->is_replaced = true;
  return {status, "text/plain", std::move(file)};
}

LiveResponse empty_response(int status) { return {status, "", nullptr}; }

struct PublishedFile {
  std::shared_ptr<LiveFile> file;
  bool is_fetched = false;
};

constexpr const char* kBareAddressText =
    "This is the live page of styletransfer. Its address has a key: the program printed the whole "
    "address where it was started, in the line that begins with \"watch at\".\n";

}  // namespace

struct LiveServer::Parts {
  explicit Parts(int port);

  std::string root = "/" + random_key() + "/";
  std::atomic<bool> stop_requested = false;
  std::atomic<Clock::rep> last_asked = 0;

  mutable std::mutex mutex;
  mutable std::condition_variable fetched;
  std::map<std::string, PublishedFile, std::less<>> files;

  LiveConnections connections;  // destroyed before the members that its thread uses

  LiveResponse answer(const LiveRequest& request);
  LiveResponse file_response(std::string_view name);
  LiveResponse stop_run(const LiveRequest& request);
  void on_sent(const LiveFile& file);
};

LiveServer::Parts::Parts(int port)
    : connections(port, {[this](const LiveRequest& request) { return answer(request); },
                         [this](const LiveFile& file) { on_sent(file); }}) {}

LiveResponse LiveServer::Parts::answer(const LiveRequest& request) {
  if (!is_own_host(request.header("host"))) {
    return text_response(403, "only available under this machine's own name\n");
  }
  const bool is_get = request.method == "GET" || request.method == "HEAD";
  if (!is_get && request.method != "POST") return empty_response(405);
  const std::string_view path = request.path;
  // Shows nothing of the run: the key in the path is what protects it.
  if (is_get && path == "/") return text_response(404, kBareAddressText);
  if (path.size() < root.size() || CRYPTO_memcmp(path.data(), root.data(), root.size()) != 0) {
    return empty_response(404);
  }
  const std::string_view name = path.substr(root.size());
  if (is_get) return file_response(name);
  return name == "stop" ? stop_run(request) : empty_response(404);
}

LiveResponse LiveServer::Parts::file_response(std::string_view name) {
  const std::lock_guard lock(mutex);
  const auto found = files.find(name);
  if (found == files.end()) return empty_response(404);
  last_asked = Clock::now().time_since_epoch().count();
  return {200, content_type_of(name), found->second.file};
}

LiveResponse LiveServer::Parts::stop_run(const LiveRequest& request) {
  const std::string own = "http://" + std::string(request.header("host"));
  if (request.header("origin") != own || request.header("x-styletransfer") != "stop") {
    return text_response(403, "only the page itself may stop the run\n");
  }
  stop_requested = true;
  return text_response(200, "stopping\n");
}

void LiveServer::Parts::on_sent(const LiveFile& file) {
  {
    const std::lock_guard lock(mutex);
    const auto found = files.find(file.name);
    if (found == files.end() || found->second.file.get() != &file) return;
    found->second.is_fetched = true;
  }
  fetched.notify_all();
}

LiveServer::LiveServer(int port)
    : parts_(std::make_unique<Parts>(port)),
      address_("http://127.0.0.1:" + std::to_string(parts_->connections.port()) + parts_->root) {}

LiveServer::~LiveServer() = default;

void LiveServer::publish(const std::string& name, std::string bytes) {
  auto file = std::make_shared<LiveFile>();
  file->name = name;
  file->bytes = std::move(bytes);
  const std::lock_guard lock(parts_->mutex);
  PublishedFile& published = parts_->files[name];
  if (published.file) published.file->is_replaced = true;
  published = {std::move(file), false};
}

bool LiveServer::is_watched() const {
  const Clock::duration asked(parts_->last_asked.load());
  return asked.count() != 0 && Clock::now().time_since_epoch() - asked < kWatchedFor;
}

bool LiveServer::stop_requested() const { return parts_->stop_requested; }

bool LiveServer::wait_until_fetched(const std::string& name,
                                    std::chrono::milliseconds max_wait) const {
  std::unique_lock lock(parts_->mutex);
  return parts_->fetched.wait_for(lock, max_wait, [&] {
    const auto found = parts_->files.find(name);
    return found != parts_->files.end() && found->second.is_fetched;
  });
}

}  // namespace styletransfer::cli
