#pragma once

#include <string_view>

namespace winnow {

/// Style and script of the review page, inlined there.
std::string_view review_css();
std::string_view review_script();

}  // namespace winnow
