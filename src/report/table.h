#pragma once

#include <string>
#include <vector>

namespace winnow {

/// A <table> in a box that scrolls sideways by itself; columns whose cells all begin with a number are right-aligned.
std::string table_markup(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                         const std::string& label, size_t shown);
std::string table_csv(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows);
/// Lower-case letters, digits and dashes of a caption.
std::string file_name_of(const std::string& caption);

}  // namespace winnow
