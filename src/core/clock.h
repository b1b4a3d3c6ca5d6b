#pragma once

#include <string>

namespace winnow {

/// Now as "2026-11-24T08:15:00Z".
std::string utc_now();

}  // namespace winnow
