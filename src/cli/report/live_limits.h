// Limits of the live page's server. A connection carries one request and one response.
#pragma once

#include <chrono>
#include <cstddef>

namespace styletransfer::cli::live_limits {

/// When exceeded, the oldest connection is closed, so a client that sends its request immediately
/// is always served.
inline constexpr std::size_t kMaxConnections = 64;

/// From the connection's start to the request's last byte.
inline constexpr std::chrono::milliseconds kMaxRequestTime{3000};
/// From the request's last byte to the response's last byte; an image may pass through a slow
/// tunnel.
inline constexpr std::chrono::milliseconds kMaxResponseTime{30000};
/// Time for the client to close the connection after the response.
inline constexpr std::chrono::milliseconds kMaxClosingTime{1000};

inline constexpr std::size_t kMaxRequestLineBytes = 1024;
/// Request line and headers. Browsers also send the cookies of all other servers on this machine.
inline constexpr std::size_t kMaxHeadBytes = 16 * 1024;
inline constexpr std::size_t kMaxHeaders = 64;
inline constexpr std::size_t kMaxBodyBytes = 1024;
/// Input that is read and discarded after the response, so that closing does not reset the
/// connection.
inline constexpr std::size_t kMaxDiscardedBytes = 64 * 1024;

/// A response in progress keeps its file after a newer one has been published. Total size of all
/// such files; above it the oldest connections are closed.
inline constexpr std::size_t kMaxReplacedBytes = 1024 * 1024;
/// The kernel's send buffer per connection.
inline constexpr int kSendBufferBytes = 64 * 1024;

}  // namespace styletransfer::cli::live_limits
