// Every bound of the live page's server. A connection carries one request and one response.
#pragma once

#include <chrono>
#include <cstddef>

namespace styletransfer::cli::live_limits {

/// When one more arrives, the oldest is closed: whoever sends a request at once is always served.
inline constexpr std::size_t kMaxConnections = 64;

/// From the connection's start to the request's last byte.
inline constexpr std::chrono::milliseconds kMaxRequestTime{3000};
/// From the request's last byte to the response's; a picture may come through a slow tunnel.
inline constexpr std::chrono::milliseconds kMaxResponseTime{30000};
/// For the other side to close after the response.
inline constexpr std::chrono::milliseconds kMaxClosingTime{1000};

inline constexpr std::size_t kMaxRequestLineBytes = 1024;
/// Request line and headers. Browsers send the cookies of every server on this machine along.
inline constexpr std::size_t kMaxHeadBytes = 16 * 1024;
inline constexpr std::size_t kMaxHeaders = 64;
inline constexpr std::size_t kMaxBodyBytes = 1024;
/// What is read and thrown away after the response, so that closing does not destroy it.
inline constexpr std::size_t kMaxDiscardedBytes = 64 * 1024;

/// A response in progress keeps its file although a newer one has been published. All such files
/// together; beyond that the oldest connections are closed.
inline constexpr std::size_t kMaxReplacedBytes = 1024 * 1024;
/// The kernel's buffer of a connection.
inline constexpr int kSendBufferBytes = 64 * 1024;

}  // namespace styletransfer::cli::live_limits
