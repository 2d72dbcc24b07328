#include "image/icc/color_profiles.h"

#include <cmath>
#include <cstring>
#include <string>

#include "image/codecs/decoder.h"
#include "image/icc/lcms_handles.h"

namespace styletransfer {
namespace {

CurveHandle srgb_curve() {
  const cmsFloat64Number parameters[] = {2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045};
  return CurveHandle(cmsBuildParametricToneCurve(nullptr, 4, parameters));
}

CurveHandle curve_of(double exponent) {
  return exponent > 0.0 ? CurveHandle(cmsBuildGamma(nullptr, exponent)) : srgb_curve();
}

ProfileBytes bytes_of(cmsHPROFILE profile) {
  cmsUInt32Number length = 0;
  if (profile == nullptr || !cmsSaveProfileToMem(profile, nullptr, &length)) return {};
  ProfileBytes bytes(length);
  if (!cmsSaveProfileToMem(profile, bytes.data(), &length)) return {};
  return bytes;
}

ProfileBytes make_srgb_profile() {
  const ProfileHandle profile(cmsCreate_sRGBProfile());
  ProfileBytes bytes = bytes_of(profile.get());
  // A fixed date: the header's creation time would make the file different in every run.
  constexpr std::size_t kDateOffset = 24;
  constexpr std::uint8_t kDate[12] = {0x07, 0xD0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0};
  if (bytes.size() > kDateOffset + sizeof(kDate)) {
    std::memcpy(bytes.data() + kDateOffset, kDate, sizeof(kDate));
  }
  return bytes;
}

bool close(double a, double b) { return std::abs(a - b) < 0.002; }

double exponent_of_transfer(int transfer) {
  switch (transfer) {
    case 4:
      return 2.2;
    case 5:
      return 2.8;
    case 8:
      return 1.0;
    case 16:
    case 18:
      throw DecodeError(
          "an HDR image (PQ or HLG curve), which is not read; export it as SDR first");
    default:
      return 0.0;
  }
}

bool chromaticities_of_primaries(int primaries, Chromaticities& c) {
  constexpr double kD65[] = {0.3127, 0.3290};
  switch (primaries) {
    case 4:  // BT.470 M
      c = {0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08};
      return true;
    case 5:  // BT.470 BG, BT.601 625 lines
      c = {kD65[0], kD65[1], 0.64, 0.33, 0.29, 0.60, 0.15, 0.06};
      return true;
    case 6:  // BT.601 525 lines
    case 7:
      c = {kD65[0], kD65[1], 0.630, 0.340, 0.310, 0.595, 0.155, 0.070};
      return true;
    case 9:  // BT.2020
      c = {kD65[0], kD65[1], 0.708, 0.292, 0.170, 0.797, 0.131, 0.046};
      return true;
    case 11:  // DCI P3
      c = {0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060};
      return true;
    case 12:  // Display P3
      c = {kD65[0], kD65[1], 0.680, 0.320, 0.265, 0.690, 0.150, 0.060};
      return true;
    default:
      return false;
  }
}

}  // namespace

bool Chromaticities::is_close_to_srgb() const {
  const Chromaticities srgb;
  return close(white_x, srgb.white_x) && close(white_y, srgb.white_y) && close(red_x, srgb.red_x) &&
         close(red_y, srgb.red_y) && close(green_x, srgb.green_x) && close(green_y, srgb.green_y) &&
         close(blue_x, srgb.blue_x) && close(blue_y, srgb.blue_y);
}

const ProfileBytes& srgb_profile() {
  static const ProfileBytes bytes = make_srgb_profile();
  return bytes;
}

ProfileBytes rgb_profile(const Chromaticities& c, double exponent) {
  const cmsCIExyY white{c.white_x, c.white_y, 1.0};
  const cmsCIExyYTRIPLE primaries{
      {c.red_x, c.red_y, 1.0}, {c.green_x, c.green_y, 1.0}, {c.blue_x, c.blue_y, 1.0}};
  const CurveHandle curve = curve_of(exponent);
  if (!curve) return {};
  cmsToneCurve* const curves[] = {curve.get(), curve.get(), curve.get()};
  const ProfileHandle profile(cmsCreateRGBProfile(&white, &primaries, curves));
  return bytes_of(profile.get());
}

ProfileBytes gray_profile(double exponent) {
  const CurveHandle curve = curve_of(exponent);
  if (!curve) return {};
  const ProfileHandle profile(cmsCreateGrayProfile(cmsD50_xyY(), curve.get()));
  return bytes_of(profile.get());
}

ProfileBytes adobe_rgb_profile() {
  constexpr double kAdobeExponent = 563.0 / 256.0;
  return rgb_profile({0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06}, kAdobeExponent);
}

ProfileBytes profile_from_code_points(int primaries, int transfer) {
  const double exponent = exponent_of_transfer(transfer);
  Chromaticities c;
  const bool other_primaries = chromaticities_of_primaries(primaries, c);
  if (!other_primaries && exponent == 0.0) return {};
  return rgb_profile(c, exponent);
}

}  // namespace styletransfer
