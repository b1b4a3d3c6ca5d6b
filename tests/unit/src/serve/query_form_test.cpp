#include "src/serve/query_form.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

HttpRequest with_json(const std::string& body) {
  HttpRequest request;
  request.content_type = "application/json; charset=utf-8";
  request.body = body;
  return request;
}

int refused_with(const HttpRequest& request) {
  try {
    read_query(request);
    return 0;
  } catch (const HttpError& e) {
    return e.status();
  }
}

TEST(QueryForm, ReadsEveryFieldOfAJsonBody) {
  const QueryForm form = read_query(with_json(
      R"({"image": "aGk=", "k": 5, "min_score": 0.5, "collapse": 0.9, "box": [0, 0.25, 1, 0.5], "exact": true,
          "compare": true, "filter": {"label": "x"}, "where": "1", "item": 3})"));
  EXPECT_EQ(form.picture, "hi");
  EXPECT_EQ(form.k, 5);
  EXPECT_FLOAT_EQ(form.min_score, 0.5F);
  EXPECT_DOUBLE_EQ(form.collapse, 0.9);
  EXPECT_EQ(form.box, (std::array<double, 4>{0, 0.25, 1, 0.5}));
  EXPECT_TRUE(form.exact);
  EXPECT_TRUE(form.compare);
  EXPECT_EQ(form.filter["label"], "x");
  EXPECT_EQ(form.where, "1");
  EXPECT_EQ(form.item, 3);
}

TEST(QueryForm, ReadsAPictureWithTheRestInTheAddress) {
  HttpRequest request;
  request.content_type = "image/png";
  request.body = "bytes";
  request.query = {{"k", "3"}, {"box", "0.1,0.2,0.9,0.8"}};
  const QueryForm form = read_query(request);
  EXPECT_EQ(form.picture, "bytes");
  EXPECT_EQ(form.k, 3);
  EXPECT_DOUBLE_EQ((*form.box)[3], 0.8);
}

TEST(QueryForm, ReadsMultipart) {
  HttpRequest request;
  request.content_type = "multipart/form-data; boundary=x";
  request.parts = {{"image", {"image/jpeg", "bytes"}}, {"query", {"", R"({"k": 2})"}}};
  EXPECT_EQ(read_query(request).picture, "bytes");
  EXPECT_EQ(read_query(request).k, 2);
}

TEST(QueryForm, RefusesWhatIsOutOfForm) {
  for (const char* wrong : {"",
                            "{",
                            "[]",
                            "{}",
                            R"({"id": 1, "vector": [1]})",
                            R"({"id": "1"})",
                            R"({"id": 1.5})",
                            R"({"id": 1, "k": 0})",
                            R"({"id": 1, "k": 1001})",
                            R"({"id": 1, "k": 1e99})",
                            R"({"id": 1, "kk": 1})",
                            R"({"vector": []})",
                            R"({"vector": [1, "2"]})",
                            R"({"vector": [1e39]})",
                            R"({"id": 1, "box": [0, 0, 1]})",
                            R"({"id": 1, "box": [0.5, 0, 0.5, 1]})",
                            R"({"id": 1, "box": [0, 0, 1, 1.5]})",
                            R"({"id": 1, "min_score": 2})",
                            R"({"id": 1, "exact": 1})",
                            R"({"image": "a*b"})",
                            R"({"image": "aa=a"})",
                            R"({"vector": [1], "box": [0,0,1,1]})"})
    EXPECT_EQ(refused_with(with_json(wrong)), 400) << wrong;
  HttpRequest other = with_json("id=1");
  other.content_type = "application/x-www-form-urlencoded";
  EXPECT_EQ(refused_with(other), 415);
}

TEST(QueryForm, PicturesAsTextOfAPage) {
  EXPECT_EQ(picture_from_text("data:image/png;base64,Zm9v"), "foo");
  EXPECT_EQ(picture_from_text("Zm9vYg"), "foob");
  EXPECT_THROW(picture_from_text("data:image/png;base64"), HttpError);
}

TEST(QueryForm, IdsOfPaths) {
  EXPECT_EQ(id_from("-7"), -7);
  for (const char* wrong : {"", "7a", "..", "%2e", "99999999999999999999"})
    EXPECT_THROW(id_from(wrong), HttpError) << wrong;
}

}  // namespace
}  // namespace winnow
