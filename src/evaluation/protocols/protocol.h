#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/core/files.h"
#include "src/evaluation/retrieval.h"
#include "src/evaluation/truth.h"

namespace winnow {

/// Embedded pictures of one side, by row.
struct ProtocolSide {
  std::vector<std::string> paths, labels;
};

struct ProtocolInput {
  ProtocolSide queries, gallery;
  bool same = false;  ///< both sides are one embeddings folder
  fs::path truth;     ///< ground truth or split file or folder, where the protocol needs one
};

/// One evaluation of a protocol: which rows take part and what is relevant.
struct RetrievalTask {
  std::string name;                       ///< "easy"; empty where a protocol has one task
  std::vector<int64_t> queries, gallery;  ///< rows of the two sides
  std::vector<int64_t> query_labels, gallery_labels, query_camera, gallery_camera;  ///< of those rows
  std::vector<ListTruth::Lists> lists;             ///< places in `gallery`; instead of labels
  std::vector<uint64_t> query_bits, gallery_bits;  ///< multi-label rows of `words` words; instead of labels
  int64_t words = 0;
  int64_t classes = 0;  ///< distinct labels of the queries
};

struct ProtocolPlan {
  std::vector<RetrievalTask> tasks;
  std::vector<std::string> notes;  ///< what a reader should know: rows left out, counts unlike the published ones
};

/// A benchmark's protocol to the letter (retrieval.md 1.3-1.7).
struct ProtocolDefinition {
  const char* name;
  const char* summary;
  const char* truth;  ///< what --truth names; "" = not needed
  std::vector<std::string> metrics;
  std::vector<int64_t> ks;
  bool drop_self;                     ///< where both sides are one set
  int64_t queries, gallery, classes;  ///< published counts; 0 = none to compare with
  ProtocolPlan (*plan)(const ProtocolInput& input);
};
const std::vector<ProtocolDefinition>& retrieval_protocols();
/// @throws Error(kUsage) with the nearest name
const ProtocolDefinition& find_retrieval_protocol(const std::string& name);

/// Runs the reader and compares the counts with the published ones (a note where they differ).
/// @throws Error(kUsage) when the truth is missing, Error(kData) naming file and line
ProtocolPlan plan_protocol(const ProtocolDefinition& protocol, const ProtocolInput& input);

// Readers, one a family of layouts.
ProtocolPlan plan_revisited(const ProtocolInput& input);    ///< pickle; tasks easy, medium, hard
ProtocolPlan plan_oxford(const ProtocolInput& input);       ///< folder of *_query.txt, *_good.txt, *_ok.txt, *_junk.txt
ProtocolPlan plan_holidays(const ProtocolInput& input);     ///< names: group * 100 + index; index 0 is the query
ProtocolPlan plan_ukbench(const ProtocolInput& input);      ///< names: a number; four in a row are a group
ProtocolPlan plan_gldv2(const ProtocolInput& input);        ///< CSV id,images,Usage; tasks public, private
ProtocolPlan plan_cub(const ProtocolInput& input);          ///< CUB folder; classes 101-200
ProtocolPlan plan_cub_classes(const ProtocolInput& input);  ///< CUB folder; test pictures of train_test_split.txt
ProtocolPlan plan_sop(const ProtocolInput& input);          ///< Ebay_test.txt
ProtocolPlan plan_inshop(const ProtocolInput& input);       ///< list_eval_partition.txt
ProtocolPlan plan_reid(const ProtocolInput& input);         ///< names: pid_cCAM...; MSMT17's pid_x_CAM_...
ProtocolPlan plan_multilabel(const ProtocolInput& input);   ///< text file: path 0 1 0 ...
ProtocolPlan plan_oml(const ProtocolInput& input);          ///< CSV path,label[,split,is_query,is_gallery]
ProtocolPlan plan_labels(const ProtocolInput& input);       ///< labels of the embeddings
ProtocolPlan plan_second_half(const ProtocolInput& input);  ///< the second half of the classes, by name

}  // namespace winnow
