#pragma once

#include <string_view>

namespace winnow {

// The files of page/, embedded by CMake.
extern const std::string_view kPageHtml, kPageCss, kPageJs, kPictureJs, kOpenApi;

}  // namespace winnow
