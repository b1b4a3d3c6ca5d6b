#pragma once

#include <string_view>

namespace winnow {

/// What every page carries inside itself.
std::string_view page_css();
/// Makes tables sortable; the page is complete without it.
std::string_view page_script();

}  // namespace winnow
