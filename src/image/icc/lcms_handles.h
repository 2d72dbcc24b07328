// RAII handles for Little CMS objects.
#pragma once

#include <lcms2.h>

#include <memory>
#include <type_traits>

namespace styletransfer {

struct CloseProfile {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
};
struct DeleteTransform {
  void operator()(void* transform) const { cmsDeleteTransform(transform); }
};
struct FreeCurve {
  void operator()(cmsToneCurve* curve) const { cmsFreeToneCurve(curve); }
};

using ProfileHandle = std::unique_ptr<void, CloseProfile>;
using TransformHandle = std::unique_ptr<void, DeleteTransform>;
using CurveHandle = std::unique_ptr<cmsToneCurve, FreeCurve>;

}  // namespace styletransfer
