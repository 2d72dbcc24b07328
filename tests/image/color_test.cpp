// Color conversion of single rows, with profiles made here.
#include <gtest/gtest.h>

#include <cmath>

#include "image/icc/color_conversion.h"
#include "image/icc/color_profiles.h"

namespace styletransfer {
namespace {

ProfileBytes bytes_of(cmsHPROFILE profile) {
  cmsUInt32Number length = 0;
  cmsSaveProfileToMem(profile, nullptr, &length);
  ProfileBytes bytes(length);
  cmsSaveProfileToMem(profile, bytes.data(), &length);
  return bytes;
}

/// A press whose cyan ink is the sRGB color (0, 100, 200), whose black ink is black, and whose
/// other inks print nothing.
cmsInt32Number print_inks(const cmsUInt16Number inks[], cmsUInt16Number lab[], void* to_lab) {
  const double cyan = inks[0] / 65535.0;
  const double light = 1.0 - inks[3] / 65535.0;
  const double rgb[3] = {(1.0 - cyan) * light, (1.0 - cyan * 155 / 255) * light,
                         (1.0 - cyan * 55 / 255) * light};
  cmsDoTransform(to_lab, rgb, lab, 1);
  return 1;
}

ProfileBytes press_profile() {
  const ProfileHandle srgb(cmsCreate_sRGBProfile());
  const ProfileHandle lab(cmsCreateLab4Profile(nullptr));
  const TransformHandle to_lab(cmsCreateTransform(srgb.get(), TYPE_RGB_DBL, lab.get(), TYPE_Lab_16,
                                                  INTENT_RELATIVE_COLORIMETRIC, 0));
  const ProfileHandle press(cmsCreateProfilePlaceholder(nullptr));
  cmsSetProfileVersion(press.get(), 4.3);
  cmsSetDeviceClass(press.get(), cmsSigOutputClass);
  cmsSetColorSpace(press.get(), cmsSigCmykData);
  cmsSetPCS(press.get(), cmsSigLabData);
  cmsPipeline* pipeline = cmsPipelineAlloc(nullptr, 4, 3);
  cmsStage* table = cmsStageAllocCLut16bit(nullptr, 9, 4, 3, nullptr);
  cmsStageSampleCLut16bit(table, print_inks, to_lab.get(), 0);
  // The tag requires a curve for each ink before the table, and one for each result after it.
  cmsPipelineInsertStage(pipeline, cmsAT_END, cmsStageAllocToneCurves(nullptr, 4, nullptr));
  cmsPipelineInsertStage(pipeline, cmsAT_END, table);
  cmsPipelineInsertStage(pipeline, cmsAT_END, cmsStageAllocToneCurves(nullptr, 3, nullptr));
  cmsWriteTag(press.get(), cmsSigAToB0Tag, pipeline);
  cmsWriteTag(press.get(), cmsSigAToB1Tag, pipeline);
  cmsPipelineFree(pipeline);
  return bytes_of(press.get());
}

TEST(ColorConversion, PrintsInksAsTheirProfileSays) {
  PixelLayout layout;
  layout.model = ColorModel::kCmyk;
  std::vector<std::string> warnings;
  const ProfileBytes press = press_profile();
  ASSERT_FALSE(press.empty());
  ColorConversion conversion(layout, press, warnings);
  EXPECT_TRUE(warnings.empty());
  const std::uint8_t inks[] = {0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 255, 0, 0, 0, 0, 255};
  const int expected[] = {255, 255, 255, 0, 100, 200, 255, 255, 255, 0, 0, 0};
  float rgb[12];
  conversion.convert_row(inks, 4, rgb, nullptr);
  for (int i = 0; i < 12; ++i) EXPECT_NEAR(rgb[i] * 255, expected[i], 3.0) << i;
}

TEST(ColorConversion, MultipliesInksWithoutAProfile) {
  PixelLayout layout;
  layout.model = ColorModel::kCmyk;
  std::vector<std::string> warnings;
  ColorConversion conversion(layout, {}, warnings);
  const std::uint8_t inks[] = {255, 0, 0, 0, 0, 0, 0, 255, 0, 51, 102, 51};
  const float expected[] = {0.0F, 1.0F, 1.0F, 0.0F, 0.0F, 0.0F, 0.8F, 0.64F, 0.48F};
  float rgb[9];
  conversion.convert_row(inks, 3, rgb, nullptr);
  for (int i = 0; i < 9; ++i) EXPECT_NEAR(rgb[i], expected[i], 1e-5) << i;
}

TEST(ColorConversion, LeavesSrgbNumbersAloneWhenTheProfileIsSrgb) {
  for (const SampleType type : {SampleType::kUint8, SampleType::kFloat32}) {
    PixelLayout layout;
    layout.type = type;
    std::vector<std::string> warnings;
    ColorConversion conversion(layout, srgb_profile(), warnings);
    const std::uint8_t bytes[] = {1, 100, 254};
    const float floats[] = {1 / 255.0F, 100 / 255.0F, 254 / 255.0F};
    float rgb[3];
    const void* row = type == SampleType::kUint8 ? static_cast<const void*>(bytes) : floats;
    conversion.convert_row(row, 1, rgb, nullptr);
    for (int c = 0; c < 3; ++c) EXPECT_EQ(rgb[c], floats[c]);
  }
}

TEST(ColorConversion, AgreesBetweenItsByteAndFloatPaths) {
  const ProfileBytes adobe = adobe_rgb_profile();
  PixelLayout bytes_layout;
  PixelLayout floats_layout;
  floats_layout.type = SampleType::kFloat32;
  std::vector<std::string> warnings;
  ColorConversion of_bytes(bytes_layout, adobe, warnings);
  ColorConversion of_floats(floats_layout, adobe, warnings);
  for (int code = 0; code < 256; ++code) {
    const std::uint8_t bytes[] = {static_cast<std::uint8_t>(code), 128,
                                  static_cast<std::uint8_t>(255 - code)};
    const float floats[] = {bytes[0] / 255.0F, bytes[1] / 255.0F, bytes[2] / 255.0F};
    float a[3];
    float b[3];
    of_bytes.convert_row(bytes, 1, a, nullptr);
    of_floats.convert_row(floats, 1, b, nullptr);
    for (int c = 0; c < 3; ++c) EXPECT_NEAR(a[c], b[c], 1.0 / 255) << code;
  }
}

TEST(ColorConversion, MakesNumbersOfUndefinedSamples) {
  PixelLayout layout;
  layout.type = SampleType::kFloat32;
  layout.has_alpha = true;
  layout.premultiplied = true;
  std::vector<std::string> warnings;
  ColorConversion conversion(layout, {}, warnings);
  const float nan = std::nanf("");
  const float row[] = {nan, HUGE_VALF, -HUGE_VALF, 1.0F, 0.2F, nan, 0.9F, 0.5F};
  const float expected[] = {0.0F, 1.0F, 0.0F, 0.4F, 0.0F, 1.0F};
  float rgb[6];
  float alpha[2];
  conversion.convert_row(row, 2, rgb, alpha);
  for (int i = 0; i < 6; ++i) EXPECT_FLOAT_EQ(rgb[i], expected[i]) << i;
  EXPECT_EQ(alpha[1], 0.5F);
}

}  // namespace
}  // namespace styletransfer
