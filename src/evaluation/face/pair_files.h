#pragma once

#include <string>
#include <vector>

#include "src/core/files.h"
#include "src/evaluation/face/features.h"

namespace winnow {

/// A verification protocol as its files say it: FacePair rows index `images`.
struct FacePairList {
  std::string source, digest;       ///< file, SHA-256 (of a folder's lists: of their concatenation)
  std::vector<std::string> images;  ///< path of each picture below the image folder, in order of first use
  std::vector<int32_t> person;      ///< [images] index into people; -1 = not known
  std::vector<std::string> people;
  std::vector<FacePair> pairs;
  int folds = 0;
  std::vector<std::string> notes;  ///< what was assumed, one sentence each
};

/// LFW `pairs.txt`: first line folds and pairs a class, or one number (View 1: one fold), or none (RFW). Lines `name i
/// j` (same) and `nameA i nameB j`, tab separated (or spaces when there is no tab). Pictures are NAME/NAME_%04d.jpg.
FacePairList read_lfw_pairs(const fs::path& file);
FacePairList parse_lfw_pairs(std::string_view text, const std::string& source);
/// CFP: folder `Protocol` with Pair_list_F.txt, Pair_list_P.txt and Split/{FF,FP}/{01..10}/{same,diff}.txt.
/// @param profile  FP (frontal against profile) instead of FF
FacePairList read_cfp(const fs::path& folder, bool profile);
/// CALFW and CPLFW: two lines a pair, `picture label`, label not 0 = same; folds are slices of either class, because
/// the lists put all positives first.
FacePairList read_two_line_pairs(const fs::path& file);
FacePairList parse_two_line_pairs(std::string_view text, const std::string& source);
/// CSV with columns a, b, same (0 or 1) and optionally fold, person_a, person_b.
FacePairList read_csv_pairs(const fs::path& file);

/// Reads by protocol name: lfw, rfw, cfp-ff, cfp-fp, calfw, cplfw, csv. Compares the number of pairs with the published
/// one and notes a difference. @throws Error(kUsage) for an unknown name; every reader: Error(kNotFound), Error(kData)
/// naming file and line
FacePairList read_pairs(const std::string& protocol, const fs::path& file);

/// Sets folds by hand: contiguous tenths, or slices of either class where tenths would have one class only; none
/// (folds = 0, with a note) when there are fewer pairs of a class than folds.
void cut_folds(FacePairList& list, int folds);
/// Adds the number of pairs that differs from the published one to the notes.
void check_published(FacePairList& list, const std::string& protocol);

/// Removes pairs in which a listed person occurs (a training list: one name a line). @return how many pairs went
int64_t exclude_people(FacePairList& list, const std::vector<std::string>& names);

}  // namespace winnow
