// Connections of the live page's server: one thread with non-blocking sockets.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "cli/report/live_request.h"

namespace styletransfer::cli {

/// Immutable file contents; a newer version is another LiveFile.
struct LiveFile {
  std::string name;
  std::string bytes;
  /// True when a newer version is published: this one exists only while it is being sent.
  std::atomic<bool> is_replaced = false;
};

struct LiveResponse {
  int status = 200;
  std::string content_type;
  std::shared_ptr<const LiveFile> file;
};

/// Owning file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  ~Descriptor();
  Descriptor& operator=(Descriptor&&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

/// Accepts, reads and answers requests within the limits of live_limits.h. Every connection is
/// closed after its response.
class LiveConnections {
 public:
  struct Calls {
    /// Handles a complete, valid request. Called on the server's thread.
    std::function<LiveResponse(const LiveRequest&)> answer;
    /// Called when every byte of the file was passed to the kernel, on the server's thread.
    std::function<void(const LiveFile&)> on_sent;
  };

  /// Listens on 127.0.0.1 and starts the server thread; port 0 means any free port. Throws
  /// UsageError when the port is taken.
  LiveConnections(int port, Calls calls);
  /// Closes every connection immediately, whatever its state.
  ~LiveConnections();
  LiveConnections(const LiveConnections&) = delete;
  LiveConnections& operator=(const LiveConnections&) = delete;

  [[nodiscard]] int port() const { return port_; }

 private:
  using Clock = std::chrono::steady_clock;
  enum class State { kReading, kWriting, kClosing };
  struct Connection;

  void run();
  [[nodiscard]] int milliseconds_to_next_deadline() const;
  /// Returns false when the server should stop.
  bool wait_and_serve();
  /// Accepts new connections; closes the oldest ones when there are too many.
  void accept_some();
  void close_expired();
  void close_with_replaced_files();

  /// These return false when the connection should be closed.
  bool serve(Connection& connection);
  bool read_request(Connection& connection);
  bool begin_response(Connection& connection, LiveResponse response, bool has_body);
  bool write_response(Connection& connection);
  static bool discard_input(Connection& connection);

  Calls calls_;
  Descriptor listener_;
  Descriptor wake_;
  int port_ = 0;
  bool has_free_descriptors_ = true;
  std::list<Connection> connections_;  // oldest first
  std::thread thread_;
};

}  // namespace styletransfer::cli
