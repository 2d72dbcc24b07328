// How the program tells the shell what happened.
#pragma once

namespace styletransfer::cli {

inline constexpr int kExitDone = 0;
/// The run failed although the request was sound.
inline constexpr int kExitFailed = 1;
/// Wrong usage or input, found before any heavy work.
inline constexpr int kExitUsage = 2;
/// Stopped by a signal; the best picture so far is written.
inline constexpr int kExitInterrupted = 130;

}  // namespace styletransfer::cli
