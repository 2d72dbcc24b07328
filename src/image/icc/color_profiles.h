// Generated ICC profiles: sRGB for writing, and profiles for files that define their colors in
// other ways (chromaticities and gamma, code points, a camera's color option).
#pragma once

#include <cstdint>
#include <vector>

namespace styletransfer {

using ProfileBytes = std::vector<std::uint8_t>;

/// CIE xy of white and primaries; sRGB by default.
struct Chromaticities {
  double white_x = 0.3127, white_y = 0.3290;
  double red_x = 0.64, red_y = 0.33;
  double green_x = 0.30, green_y = 0.60;
  double blue_x = 0.15, blue_y = 0.06;

  [[nodiscard]] bool is_close_to_srgb() const;
};

/// The sRGB profile embedded in every written image; always the same bytes.
[[nodiscard]] const ProfileBytes& srgb_profile();

/// `exponent`: light = sample ^ exponent; 0: the sRGB curve. Empty when the values do not define a
/// color space.
[[nodiscard]] ProfileBytes rgb_profile(const Chromaticities& chromaticities, double exponent);
[[nodiscard]] ProfileBytes gray_profile(double exponent);
[[nodiscard]] ProfileBytes adobe_rgb_profile();

/// Returns the profile for ITU-T H.273 code points (PNG's cICP, HEIF's nclx); empty for sRGB and
/// for unspecified ones. BT.709's curve is treated as sRGB's: screens show both alike. Throws
/// DecodeError for the HDR curves PQ and HLG, whose white has no place in 0..1.
[[nodiscard]] ProfileBytes profile_from_code_points(int primaries, int transfer);

}  // namespace styletransfer
