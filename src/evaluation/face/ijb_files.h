#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/core/files.h"
#include "src/evaluation/face/template_pool.h"

namespace winnow {

/// IJB-B/C as insightface ships them (face.md 1.5). Rows are the lines of NAME_name_5pts_score.txt.
struct IjbFaces {
  std::vector<std::string> names;
  std::vector<std::array<float, 10>> landmarks;  ///< x1 y1 ... x5 y5, order of align.h
  std::vector<float> score;                      ///< detector confidence
  std::vector<TemplateFace> faces;
};
/// @param folder  `meta` with PREFIX_face_tid_mid.txt and PREFIX_name_5pts_score.txt
/// @throws Error(kNotFound), Error(kData) naming file and line
IjbFaces read_ijb_faces(const fs::path& folder, const std::string& prefix);
IjbFaces parse_ijb_faces(std::string_view tid_mid, const std::string& tid_mid_name, std::string_view points,
                         const std::string& points_name);

struct TemplatePair {
  int64_t a = 0, b = 0;  ///< template ids
  bool same = false;
};
/// `t1 t2 label` a line; 15.7 million of them in IJB-C take 376 MB.
std::vector<TemplatePair> read_template_pairs(const fs::path& file);
std::vector<TemplatePair> parse_template_pairs(std::string_view text, const std::string& name);

/// A 1:N list (gallery or probe CSV with a header row): template id -> subject id; a template takes many rows.
/// @throws Error(kData) naming the line when one template has two subjects
std::map<int64_t, int64_t> read_template_subjects(const fs::path& file);
std::map<int64_t, int64_t> parse_template_subjects(std::string_view text, const std::string& name);

}  // namespace winnow
