// ICC profiles made rather than found: sRGB for writing, and profiles for files that describe their
// colours in other words (chromaticities and gamma, code points, a camera's colour option).
#pragma once

#include <cstdint>
#include <vector>

namespace styletransfer {

using ProfileBytes = std::vector<std::uint8_t>;

/// CIE xy of white and primaries; those of sRGB unless set.
struct Chromaticities {
  double white_x = 0.3127, white_y = 0.3290;
  double red_x = 0.64, red_y = 0.33;
  double green_x = 0.30, green_y = 0.60;
  double blue_x = 0.15, blue_y = 0.06;

  [[nodiscard]] bool is_close_to_srgb() const;
};

/// The sRGB profile that every written picture carries; the same bytes each time.
[[nodiscard]] const ProfileBytes& srgb_profile();

/// `exponent`: light = sample ^ exponent; 0: the sRGB curve. Empty when the values make no colour
/// space.
[[nodiscard]] ProfileBytes rgb_profile(const Chromaticities& chromaticities, double exponent);
[[nodiscard]] ProfileBytes grey_profile(double exponent);
[[nodiscard]] ProfileBytes adobe_rgb_profile();

/// The profile for ITU-T H.273 code points (PNG's cICP, HEIF's nclx); empty for sRGB and for
/// unspecified ones. BT.709's curve is read as sRGB's: screens show both alike.
/// Throws DecodeError for the HDR curves PQ and HLG, whose white has no place in 0..1.
[[nodiscard]] ProfileBytes profile_from_code_points(int primaries, int transfer);

}  // namespace styletransfer
