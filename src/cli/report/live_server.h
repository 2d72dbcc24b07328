// A small web server for one browser page, on this machine only.
#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace styletransfer::cli {

/// Serves files from memory below an address that nobody can guess, to loopback only. Runs in a
/// thread of its own; publish() only exchanges a pointer, so a slow browser delays nothing.
///
/// Refused: requests whose Host is not this machine's own name (a foreign site whose name was made
/// to point here), and a stop whose Origin is another site or that lacks the page's own header.
/// Size, time and number of everything from outside are bounded: live_limits.h.
class LiveServer {
 public:
  /// port 0: any free one. Throws UsageError when the port is taken.
  explicit LiveServer(int port);
  /// Closes every connection at once and ends the thread.
  ~LiveServer();
  LiveServer(const LiveServer&) = delete;
  LiveServer& operator=(const LiveServer&) = delete;

  /// "http://127.0.0.1:40123/5f0c.../".
  [[nodiscard]] const std::string& address() const { return address_; }

  /// `name` below the address: "" for the page, "run.json", "content.jpg".
  void publish(const std::string& name, std::string bytes);

  /// Whether a page asked for something in the last few seconds.
  [[nodiscard]] bool is_watched() const;
  [[nodiscard]] bool stop_requested() const;

  /// Waits until what is published under `name` has been sent to somebody, `max_wait` at the
  /// longest. False when it has not.
  bool wait_until_fetched(const std::string& name, std::chrono::milliseconds max_wait) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::string address_;
};

}  // namespace styletransfer::cli
