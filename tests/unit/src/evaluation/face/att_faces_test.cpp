// Real faces: AT&T with the ONNX network of the shared folder, through the same parts `eval face` uses.
#include <gtest/gtest.h>

#include "data/dataset.h"
#include "src/evaluation/face/all_pairs.h"
#include "src/evaluation/face/features.h"
#include "src/image/codec.h"
#include "src/image/fit_face.h"
#include "src/image/onnx_network.h"
#include "tests/support/shared_data.h"

namespace winnow {
namespace {

TEST(AttFaces, ReproducesTheFiguresOfTheReadme) {
  WINNOW_NEEDS_SHARED();
  const fs::path datasets = fs::path(test::shared_folder()) / "datasets";
  DataSource source;
  source.data = (datasets / "att_faces/images.csv").string();
  source.archives = {(datasets / "att_faces/att_faces.tar").string()};
  source.label = "person";
  const Dataset dataset = read_dataset(source);
  ASSERT_EQ(dataset.items.size(), 400u);
  const OnnxNetwork network(datasets / "models/mobilefacenet.onnx", pixel_rule("raw"));
  ASSERT_EQ(network.dim(), 128);
  std::vector<Image> pictures;
  for (const auto& item : dataset.items)
    pictures.push_back(fit_face(decode_image(dataset.store->read(item.path), item.path), 112, 112, "edge"));
  const FaceFeatures features{network.run(pictures), {}, 400, 128};
  const UnitVectors unit = unit_vectors(features, FlipMode::kNone);
  const std::vector<float> rows(unit.values.begin(), unit.values.end());
  const auto labels = dataset.labels();
  const AllPairs all = score_all_pairs({rows, 400, 128}, labels, {});
  ASSERT_EQ(all.scores.genuine.size(), 1800u);  // 40 people, 10 pictures: 40 * 45
  ASSERT_EQ(all.scores.impostors, 78000);
  double same = 0, different = 0;
  for (const double s : all.scores.genuine) same += s / 1800;
  for (const double s : all.scores.impostor) different += s / 78000;
  EXPECT_NEAR(same, 0.71, 0.005);
  EXPECT_NEAR(different, 0.08, 0.005);
  EXPECT_NEAR(all.scores.impostor.front(), 0.54, 0.005);
  EXPECT_NEAR(all.scores.impostor[780], 0.33, 0.01);  // "99 % are below"
  int right = 0;
  for (int64_t q = 0; q < 400; ++q) {
    int64_t best = q == 0 ? 1 : 0;
    const auto score = [&](int64_t row) {
      double sum = 0;
      for (size_t d = 0; d < 128; ++d) sum += unit.row(q)[d] * unit.row(row)[d];
      return sum;
    };
    for (int64_t row = 0; row < 400; ++row)
      if (row != q && score(row) > score(best)) best = row;
    right += labels[static_cast<size_t>(best)] == labels[static_cast<size_t>(q)];
  }
  EXPECT_EQ(right, 398);  // 99.5 %
}

}  // namespace
}  // namespace winnow
