#pragma once

#include "src/labels/estimate.h"

namespace winnow::detail {

/// By class, by kind and the transitions, from rate, suspects and posterior.
void fill_breakdown(NoiseEstimate& estimate, const Combined& combined, const GivenLabels& given,
                    const KindEvidence& evidence);

}  // namespace winnow::detail
