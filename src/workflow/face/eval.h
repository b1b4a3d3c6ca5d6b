#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/evaluation/face/clustering.h"
#include "src/evaluation/face/open_set.h"
#include "src/evaluation/face/pair_accuracy.h"
#include "src/evaluation/face/verification.h"
#include "src/evaluation/retrieval.h"
#include "src/workflow/face/source.h"

namespace winnow {

struct FaceEvalOptions {
  std::string protocol;  ///< see face_protocols()
  std::string pairs;     ///< list, folder of lists or .bin, as the protocol wants it
  FaceSourceOptions source;
  std::vector<double> fars, fpirs;  ///< empty = the protocol's own
  int64_t rank = 1;                 ///< open set: the mate must stand at this rank or better
  int64_t enrol = 1;                ///< identify: pictures a person in the gallery
  double unknown = 0.5;             ///< identify: share of people who are not enrolled
  double threshold = -2;            ///< cluster: cosine above which two faces are one; -2 = strict FAR of fars[0]
  std::string folds = "list";       ///< list | disjoint: folds in which no person occurs twice
  std::string exclude;              ///< text file, one person a line: their pairs go (a training list)
  std::string train;                ///< embeddings folder of the training set: likely overlaps are searched
  double overlap = 0.4;             ///< cosine of class centres that counts as likely overlap
  std::string probe_noise, distractor_noise, distractors;  ///< MegaFace: noise lists, list of distractors
  std::string feature_suffix = ".bin";                     ///< MegaFace without a model: feature files are PATH + this
  int64_t bootstrap = 1000;
  uint64_t seed = 1;
};

struct FaceProtocol {
  std::string name, pairs, summary;
};
const std::vector<FaceProtocol>& face_protocols();

struct WrongPair {
  int64_t a = 0, b = 0;  ///< rows
  bool same = false;
  double score = 0;  ///< cosine
};

/// Everything a face protocol measured; parts that a protocol does not have stay empty.
struct FaceRun {
  std::string protocol;
  FaceSet set;
  std::map<std::string, double> metrics;  ///< "accuracy.r-if", "auc", "eer", "tar@far=0.001", "rank@1", ...
  std::map<std::string, Interval> intervals;
  std::vector<PairAccuracy> accuracies;
  std::vector<OperatingPoint> points;
  std::map<double, Interval> threshold_intervals;  ///< by target, strict rule
  std::optional<VerificationScores> scores;
  std::vector<int64_t> genuine_histogram, impostor_histogram;
  std::optional<OpenSetSearch> search;
  std::vector<OpenSetPoint> open_points;
  std::vector<double> cmc;
  std::vector<WrongPair> wrong;  ///< worst first
  /// Pairs among which those on the wrong side of any threshold are: all of a list, the worst of a collection.
  std::vector<WrongPair> candidates;
  std::vector<std::string> notes;
  std::vector<std::pair<std::string, std::string>> facts;
  int64_t queries = 0, gallery = 0;
  double seconds = 0;
};

/// Runs a protocol by name. @throws Error(kUsage) for an unknown protocol or a missing argument, and what readers,
/// models and metrics throw
FaceRun evaluate_faces(const FaceEvalOptions& options);

std::string face_json(const FaceRun& run);
std::string face_text(const FaceRun& run);
/// One HTML file. @param command  the command line, for provenance
void write_face_report(const fs::path& file, const FaceRun& run, const std::vector<std::string>& command);

/// The curve of the run, atomic: of MegaFace the devkit's result JSON, else a CSV of far,tar,threshold (the ROC as
/// scikit-learn's roc_curve has it where every score was kept, else an outline) or of fpir,fnir for a 1:N search.
/// @throws Error(kUsage) for a protocol without a curve
void write_face_curve(const fs::path& file, const FaceRun& run);

/// "0.001", "1e-06": how targets appear in metric names.
std::string target_text(double target);

}  // namespace winnow
