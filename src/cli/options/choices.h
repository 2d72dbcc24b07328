// Names of the values of every enumerated flag.
#pragma once

#include "cli/args/values.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

inline constexpr std::array kLossKinds{Choice<LossKind>{"relative", LossKind::kRelative},
                                       Choice<LossKind>{"classic", LossKind::kClassic}};
inline constexpr std::array kColorChoices{
    Choice<Colors>{"style", Colors::kStyle},
    Choice<Colors>{"content", Colors::kContent},
    Choice<Colors>{"content-statistics", Colors::kContentStatistics},
    Choice<Colors>{"style-only", Colors::kStyleOnly},
    Choice<Colors>{"style-chroma", Colors::kStyleChroma},
    Choice<Colors>{"neutral", Colors::kNeutral}};
inline constexpr std::array kStyleLosses{
    Choice<StyleLossKind>{"gram", StyleLossKind::kGram},
    Choice<StyleLossKind>{"wasserstein", StyleLossKind::kWasserstein},
    Choice<StyleLossKind>{"sliced-wasserstein", StyleLossKind::kSlicedWasserstein}};
inline constexpr std::array kPoolings{Choice<Pooling>{"max", Pooling::kMax},
                                      Choice<Pooling>{"average", Pooling::kAverage}};
inline constexpr std::array kOptimizers{Choice<OptimizerKind>{"lbfgs", OptimizerKind::kLbfgs},
                                        Choice<OptimizerKind>{"adam", OptimizerKind::kAdam}};
inline constexpr std::array kPrecisions{Choice<Precision>{"auto", Precision::kAuto},
                                        Choice<Precision>{"float32", Precision::kFloat32},
                                        Choice<Precision>{"int16", Precision::kInt16},
                                        Choice<Precision>{"bfloat16", Precision::kBfloat16}};
inline constexpr std::array kAlphas{Choice<Alpha>{"keep", Alpha::kKeep},
                                    Choice<Alpha>{"flatten", Alpha::kFlatten}};
inline constexpr std::array kBitDepths{Choice<int>{"8", 8}, Choice<int>{"16", 16}};
inline const std::array kFormats{
    Choice<std::string>{"png", "png"}, Choice<std::string>{"jpg", "jpg"},
    Choice<std::string>{"tif", "tif"}, Choice<std::string>{"webp", "webp"}};
inline const std::array kInputConventions{Choice<std::string>{"caffe", "caffe"},
                                          Choice<std::string>{"torchvision", "torchvision"}};
inline const std::array kNetworkFamilies{
    Choice<std::string>{"pytorch-examples", "pytorch-examples"},
    Choice<std::string>{"cyclegan", "cyclegan"}};
inline constexpr std::array kValueRanges{Choice<ValueRange>{"0..255", ValueRange::k0To255},
                                         Choice<ValueRange>{"0..1", ValueRange::k0To1},
                                         Choice<ValueRange>{"-1..1", ValueRange::kMinus1To1}};
/// True: B, G, R.
inline constexpr std::array kChannelOrders{Choice<bool>{"rgb", false}, Choice<bool>{"bgr", true}};
/// True: in bfloat16.
inline constexpr std::array kFeedForwardPrecisions{Choice<bool>{"float32", false},
                                                   Choice<bool>{"bfloat16", true}};
/// Any other value of --init is an image file.
inline constexpr std::array kInits{Choice<InitKind>{"content", InitKind::kContent},
                                   Choice<InitKind>{"noise", InitKind::kNoise}};

}  // namespace styletransfer::cli
