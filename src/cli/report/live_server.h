// Small web server for one browser page, on this machine only.
#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace styletransfer::cli {

/// Serves files from memory below an unguessable URL, to loopback only. Runs in its own thread;
/// publish() only exchanges a pointer, so a slow browser delays nothing.
///
/// Rejects requests whose Host is not a name of this machine (DNS rebinding), and stop requests
/// whose Origin is another site or that lack the page's own header (cross-site request forgery).
/// Size, time and number of all external input are bounded: live_limits.h.
class LiveServer {
 public:
  /// `port` 0: any free port. Throws UsageError when the port is taken.
  explicit LiveServer(int port);
  /// Closes every connection immediately and ends the thread.
  ~LiveServer();
  LiveServer(const LiveServer&) = delete;
  LiveServer& operator=(const LiveServer&) = delete;

  /// "http://127.0.0.1:40123/5f0c.../".
  [[nodiscard]] const std::string& address() const { return address_; }

  /// Publishes a file as `name` below the address: "" for the page, "run.json", "content.jpg".
  void publish(const std::string& name, std::string bytes);

  /// True when a page sent a request in the last few seconds.
  [[nodiscard]] bool is_watched() const;
  [[nodiscard]] bool stop_requested() const;

  /// Waits up to `max_wait` until the file published as `name` has been sent to a client. Returns
  /// false on timeout.
  bool wait_until_fetched(const std::string& name, std::chrono::milliseconds max_wait) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::string address_;
};

}  // namespace styletransfer::cli
