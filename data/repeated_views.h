#pragma once

#include <memory>

#include "data/sampler.h"

namespace winnow {

/// The batches of `order`, each `views` times over in one: the loader augments every copy of a picture anew. What is
/// known of trust goes on to `order`. @param views >= 1
std::unique_ptr<Sampler> repeat_views(std::unique_ptr<Sampler> order, int64_t views);

}  // namespace winnow
