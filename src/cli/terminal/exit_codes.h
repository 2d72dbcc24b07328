// Exit codes.
#pragma once

namespace styletransfer::cli {

inline constexpr int kExitDone = 0;
/// The run failed although the request was valid.
inline constexpr int kExitFailed = 1;
/// Invalid usage or input, found before any expensive work.
inline constexpr int kExitUsage = 2;
/// Stopped by a signal; the best image so far was written.
inline constexpr int kExitInterrupted = 130;

}  // namespace styletransfer::cli
