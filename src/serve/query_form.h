#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "src/serve/http.h"

namespace winnow {

/// What a client searches for, and how. Exactly one of picture, vector and id is set.
struct QueryForm {
  std::string picture;  ///< encoded bytes
  std::vector<float> vector;
  std::optional<int64_t> id;
  std::optional<std::array<double, 4>> box;  ///< x0, y0, x1, y1 as shares of the picture's size
  int64_t k = 24;
  float min_score = -2;
  double collapse = 0;  ///< hits with at least this cosine to a better hit become its duplicates; 0 = off
  bool exact = false, compare = false;  ///< compare: ask the second index
  nlohmann::json filter = nlohmann::json::object();
  std::string where;            ///< SQL; only with the token
  std::optional<int64_t> item;  ///< of /v1/why: the hit to explain
};

/// Reads a query from a JSON body (picture as base64 in "image"), from multipart/form-data (part "image", and the rest
/// as JSON in part "query"), or from a body that is a picture (the rest as ?k=..&min_score=..&box=a,b,c,d&collapse=..).
/// @throws HttpError(400) for another form or values out of range, HttpError(415) for another type of body
QueryForm read_query(const HttpRequest& request);

/// The JSON document of a body. @throws HttpError(400) with the place of the fault
nlohmann::json parse_body(const std::string& text);

/// The bytes of a base64 text (with or without padding; a data: URI's head is passed over). @throws HttpError(400)
std::string picture_from_text(const std::string& text);

/// A whole number from a path. @throws HttpError(400)
int64_t id_from(const std::string& text);

}  // namespace winnow
