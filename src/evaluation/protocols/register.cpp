#include <algorithm>
#include <set>

#include "src/core/error.h"
#include "src/core/text.h"
#include "src/evaluation/protocols/protocol.h"

namespace winnow {
namespace {

const std::vector<std::string> kLandmark = {"ap.trapezoid", "mp@1.rop", "mp@5.rop", "mp@10.rop"};
const std::vector<std::string> kCategory = {"map@r", "r_precision"};
const std::vector<std::string> kReid = {"ap.finite", "ap.trapezoid", "inp"};

void compare_count(ProtocolPlan& plan, const std::string& task, const char* what, int64_t found, int64_t published) {
  if (published == 0 || found == published) return;
  plan.notes.push_back((task.empty() ? "" : task + ": ") + std::to_string(found) + " " + what + ", published " +
                       std::to_string(published) + ": figures are not comparable");
}

}  // namespace

const std::vector<ProtocolDefinition>& retrieval_protocols() {
  static const std::vector<ProtocolDefinition> out = {
      {"labels", "equal labels of the embeddings are relevant", "", kCategory, {1, 5, 10}, true, 0, 0, 0, plan_labels},
      {"csv",
       "path,label[,split,is_query,is_gallery]; also open-metric-learning's data frames",
       "CSV file",
       kCategory,
       {1, 5, 10},
       true,
       0,
       0,
       0,
       plan_oml},
      {"oxford5k",
       "good and ok relevant, junk ignored, trapezoid AP, cropped queries",
       "folder of *_query.txt ...",
       {"ap.trapezoid"},
       {1, 5, 10},
       false,
       55,
       5062,
       0,
       plan_oxford},
      {"paris6k",
       "as oxford5k",
       "folder of *_query.txt ...",
       {"ap.trapezoid"},
       {1, 5, 10},
       false,
       55,
       6392,
       0,
       plan_oxford},
      {"roxford5k",
       "Revisited Oxford, easy, medium and hard",
       "gnd_roxford5k.pkl",
       kLandmark,
       {1, 5, 10},
       false,
       70,
       4993,
       0,
       plan_revisited},
      {"rparis6k",
       "Revisited Paris, easy, medium and hard",
       "gnd_rparis6k.pkl",
       kLandmark,
       {1, 5, 10},
       false,
       70,
       6322,
       0,
       plan_revisited},
      {"holidays",
       "first picture of each group of names is the query, itself removed; finite AP",
       "",
       {"ap.finite"},
       {1, 5, 10},
       true,
       500,
       1491,
       0,
       plan_holidays},
      {"ukbench",
       "groups of four by number; N-S score, the query counts",
       "",
       {"ukb.ns"},
       {1, 4},
       false,
       10200,
       10200,
       2550,
       plan_ukbench},
      {"gldv2",
       "Landmarks v2 retrieval, public and private",
       "retrieval_solution_v2.1.csv",
       {"map@100.gldv2"},
       {1, 10, 100},
       false,
       0,
       761757,
       0,
       plan_gldv2},
      {"cub200",
       "zero-shot split: classes 101-200 against themselves",
       "CUB_200_2011 folder",
       kCategory,
       {1, 2, 4, 8},
       true,
       5924,
       5924,
       100,
       plan_cub},
      {"cub200-classification",
       "test pictures of train_test_split.txt, all 200 classes (NOT the zero-shot split)",
       "CUB_200_2011 folder",
       kCategory,
       {1, 2, 4, 8},
       true,
       5794,
       5794,
       200,
       plan_cub_classes},
      {"cars196",
       "zero-shot split: classes 99-196 by name of the label",
       "",
       kCategory,
       {1, 2, 4, 8},
       true,
       8131,
       8131,
       98,
       plan_second_half},
      {"sop",
       "Stanford Online Products test half",
       "Ebay_test.txt",
       kCategory,
       {1, 10, 100, 1000},
       true,
       60502,
       60502,
       11316,
       plan_sop},
      {"inshop",
       "DeepFashion In-Shop, query against gallery",
       "list_eval_partition.txt",
       kCategory,
       {1, 10, 20, 30, 40, 50},
       false,
       14218,
       12612,
       3985,
       plan_inshop},
      {"market1501",
       "single query, same person and camera ignored, person -1 dropped, 0 kept",
       "",
       kReid,
       {1, 5, 10},
       false,
       3368,
       15913,
       750,
       plan_reid},
      {"duke", "as market1501", "", kReid, {1, 5, 10}, false, 0, 0, 0, plan_reid},
      {"msmt17", "as market1501", "", kReid, {1, 5, 10}, false, 0, 0, 0, plan_reid},
      {"veri776", "vehicles, same vehicle and camera ignored", "", kReid, {1, 5, 10}, false, 0, 0, 0, plan_reid},
      {"nus-wide",
       "relevant where one label is shared; mAP@5000 as hashing papers cut it",
       "text file: path 0 1 ...",
       {"map@5000.hits", "ap.finite"},
       {1, 10, 100},
       true,
       0,
       0,
       0,
       plan_multilabel},
      {"coco",
       "as nus-wide",
       "text file: path 0 1 ...",
       {"map@5000.hits", "ap.finite"},
       {1, 10, 100},
       true,
       0,
       0,
       0,
       plan_multilabel},
      {"voc",
       "as nus-wide, whole ranking",
       "text file: path 0 1 ...",
       {"ap.finite"},
       {1, 10, 100},
       true,
       0,
       0,
       0,
       plan_multilabel},
      {"food101n",
       "PRISM: Food-101 classes 51-101 against themselves",
       "",
       {"map@r", "knn_purity@100"},
       {1},
       true,
       51000,
       51000,
       51,
       plan_second_half},
      {"cars98n",
       "PRISM: the Cars196 test half",
       "",
       {"map@r", "knn_purity@100"},
       {1},
       true,
       8131,
       8131,
       98,
       plan_second_half},
      {"imagenet100",
       "queries against database by label, mAP@1000 as hashing papers cut it",
       "",
       {"map@1000.hits", "ap.finite"},
       {1, 10, 100},
       true,
       5000,
       0,
       100,
       plan_labels},
  };
  return out;
}

const ProtocolDefinition& find_retrieval_protocol(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& protocol : retrieval_protocols()) {
    if (protocol.name == name) return protocol;
    names.emplace_back(protocol.name);
  }
  std::string message = "[protocol] unknown protocol '" + name + "'";
  if (const auto near = nearest_name(name, names)) message += " (did you mean '" + *near + "'?)";
  throw Error(ErrorCode::kUsage, message + "; known: " + join(names, ", "));
}

ProtocolPlan plan_protocol(const ProtocolDefinition& protocol, const ProtocolInput& input) {
  if (*protocol.truth && input.truth.empty())
    throw Error(ErrorCode::kUsage, std::string("[protocol] ") + protocol.name + " needs --truth: " + protocol.truth);
  ProtocolPlan plan = protocol.plan(input);
  for (auto& task : plan.tasks) {
    task.classes = static_cast<int64_t>(std::set<int64_t>(task.query_labels.begin(), task.query_labels.end()).size());
    if (task.queries.empty() || task.gallery.empty())
      throw Error(ErrorCode::kData, std::string("[protocol] ") + protocol.name + " found " +
                                        std::to_string(task.queries.size()) + " queries and " +
                                        std::to_string(task.gallery.size()) + " gallery pictures; both are required");
    compare_count(plan, task.name, "queries", static_cast<int64_t>(task.queries.size()), protocol.queries);
    compare_count(plan, task.name, "gallery pictures", static_cast<int64_t>(task.gallery.size()), protocol.gallery);
    compare_count(plan, task.name, "classes", task.classes, protocol.classes);
  }
  return plan;
}

}  // namespace winnow
