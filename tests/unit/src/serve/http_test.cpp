#include "src/serve/http.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "src/serve/api.h"
#include "src/serve/page_files.h"
#include "src/serve/serve.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

TEST(Http, RoutesMatchSegmentBySegment) {
  EXPECT_TRUE(match_route("/", "/"));
  EXPECT_EQ(match_route("/v1/items/{id}", "/v1/items/7")->at("id"), "7");
  for (const char* other :
       {"/v1/items", "/v1/items/", "/v1/items/7/", "/v1/items/7/picture", "/v1//items/7", "/x/items/7"})
    EXPECT_FALSE(match_route("/v1/items/{id}", other)) << other;
}

TEST(Http, TokensMatchWholeOnly) {
  EXPECT_TRUE(token_matches("Bearer secret", "secret"));
  for (const char* wrong : {"", "secret", "Bearer secre", "Bearer secrets", "Bearer Secret", "bearer secret"})
    EXPECT_FALSE(token_matches(wrong, "secret")) << wrong;
  EXPECT_FALSE(token_matches("Bearer ", ""));
}

TEST(Http, RequestIdsAreTakenOnlyWhenHarmless) {
  EXPECT_EQ(request_id("abc-1.2_Z"), "abc-1.2_Z");
  for (const std::string& wrong : {std::string("a b"), std::string("a\n"), std::string(65, 'a'), std::string("\"")}) {
    EXPECT_NE(request_id(wrong), wrong);
    EXPECT_EQ(request_id(wrong).size(), 16U);
  }
  EXPECT_NE(request_id(""), request_id(""));
}

TEST(Http, StatusOfErrors) {
  EXPECT_EQ(http_status(Error(ErrorCode::kUsage, "")), 400);
  EXPECT_EQ(http_status(Error(ErrorCode::kNotFound, "")), 404);
  EXPECT_EQ(http_status(Error(ErrorCode::kMismatch, "")), 409);
  EXPECT_EQ(http_status(Error(ErrorCode::kData, "")), 422);
  EXPECT_EQ(http_status(Error(ErrorCode::kDevice, "")), 507);
  EXPECT_EQ(http_status(Error(ErrorCode::kInternal, "")), 500);
  EXPECT_EQ(http_status(HttpError(503, "", 2)), 503);
}

TEST(Http, ErrorDocumentsSurviveBytesThatAreNoText) {
  HttpResponse response;
  answer_error(response, 503, "bad \xff byte", "id1", 3);
  const auto j = nlohmann::json::parse(response.body);
  EXPECT_EQ(j["error"]["code"], "unavailable");
  EXPECT_EQ(j["error"]["request_id"], "id1");
  EXPECT_EQ(response.headers.at(0).second, "3");
}

TEST(Http, StepsAddUp) {
  StepTimes steps;
  steps.add("decode", 1.5);
  steps.add("net", 2);
  steps.add("decode", 0.5);
  EXPECT_EQ(steps.all().size(), 2U);
  EXPECT_DOUBLE_EQ(steps.of("decode"), 2);
  EXPECT_DOUBLE_EQ(steps.of("search"), 0);
}

TEST(Http, OneLogLineARequest) {
  HttpRecord record;
  record.id = "r1";
  record.target = "/v1/search?x=\n\xff";
  record.status = 200;
  record.steps.add("net", 3);
  const std::string line = log_line(record);
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(nlohmann::json::parse(line)["request_id"], "r1");
  EXPECT_EQ(nlohmann::json::parse(line)["steps_ms"]["net"], 3);
}

TEST(Http, TheApiDescriptionNamesEveryRouteAndNoOther) {
  const auto document = nlohmann::json::parse(kOpenApi);
  SearchApi api({});
  size_t described = 0;
  for (const auto& [path, methods] : document["paths"].items())
    for (const auto& [method, entry] : methods.items()) described += method != "parameters";
  const auto routes = api.routes();
  EXPECT_EQ(described, routes.size());
  for (const auto& route : routes) {
    std::string method = route.method;
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    ASSERT_TRUE(document["paths"].contains(route.pattern)) << route.pattern;
    ASSERT_TRUE(document["paths"][route.pattern].contains(method)) << route.method << " " << route.pattern;
    EXPECT_EQ(document["paths"][route.pattern][method].contains("security"), route.write) << route.pattern;
  }
}

TEST(Http, ThePageUsesNothingFromElsewhere) {
  for (const auto file : {kPageHtml, kPageCss, kPageJs, kPictureJs}) {
    EXPECT_GT(file.size(), 1000U);
    EXPECT_EQ(file.find("http://"), std::string_view::npos);
    EXPECT_EQ(file.find("https://"), std::string_view::npos);
  }
}

TEST(Http, TokenFiles) {
  const test::TempDir folder;
  write_file_atomically(folder / "token", "0123456789abcdef\nmore\n");
  EXPECT_EQ(read_token(folder / "token"), "0123456789abcdef");
  write_file_atomically(folder / "short", "secret\n");
  EXPECT_THROW(read_token(folder / "short"), Error);
}

}  // namespace
}  // namespace winnow
