#include "src/serve/query_form.h"

#include <algorithm>
#include <cmath>

#include "src/core/base64.h"
#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

using nlohmann::json;

[[noreturn]] void bad(const std::string& what) { throw HttpError(400, "[query] " + what); }

double number(const json& value, const std::string& key, double low, double high) {
  const double got = value.is_number() ? value.get<double>() : NAN;
  if (!(got >= low && got <= high))
    bad("'" + key + "' from " + json(low).dump() + " to " + json(high).dump() + " is required, got " + value.dump());
  return got;
}

int64_t whole(const json& value, const std::string& key) {
  if (!value.is_number_integer()) bad("'" + key + "' is required to be a whole number, got " + value.dump());
  return value.get<int64_t>();
}

bool flag(const json& value, const std::string& key) {
  if (!value.is_boolean()) bad("'" + key + "' is required to be true or false, got " + value.dump());
  return value.get<bool>();
}

const std::string& text(const json& value, const std::string& key) {
  if (!value.is_string()) bad("'" + key + "' is required to be text");
  return value.get_ref<const std::string&>();
}

std::array<double, 4> box_of(const json& value) {
  if (!value.is_array() || value.size() != 4) bad("'box' is required to be [x0, y0, x1, y1]");
  std::array<double, 4> box{};
  for (size_t i = 0; i < 4; ++i) box[i] = number(value[i], "box", 0, 1);
  if (box[2] - box[0] < 0.01 || box[3] - box[1] < 0.01)
    bad("'box' [x0, y0, x1, y1] with x0 < x1 and y0 < y1 (shares of the picture, at least 0.01 apart) is required");
  return box;
}

std::vector<float> vector_of(const json& value) {
  if (!value.is_array() || value.empty() || value.size() > 65536) bad("'vector' is required to be a list of numbers");
  std::vector<float> out;
  for (const auto& one : value) {
    const double v = one.is_number() ? one.get<double>() : NAN;
    if (!std::isfinite(v) || std::abs(v) > 1e30) bad("'vector' is required to hold finite numbers only");
    out.push_back(static_cast<float>(v));
  }
  return out;
}

void set(QueryForm& form, const std::string& key, const json& value) {
  if (key == "k")
    form.k = static_cast<int64_t>(number(json(whole(value, key)), key, 1, 1000));
  else if (key == "min_score")
    form.min_score = static_cast<float>(number(value, key, -2, 1));
  else if (key == "collapse")
    form.collapse = number(value, key, 0, 1);
  else if (key == "box")
    form.box = value.is_null() ? std::nullopt : std::optional(box_of(value));
  else if (key == "id")
    form.id = whole(value, key);
  else if (key == "item")
    form.item = whole(value, key);
  else if (key == "vector")
    form.vector = vector_of(value);
  else if (key == "image")
    form.picture = picture_from_text(text(value, key));
  else if (key == "exact")
    form.exact = flag(value, key);
  else if (key == "compare")
    form.compare = flag(value, key);
  else if (key == "filter")
    form.filter = value;
  else if (key == "where")
    form.where = text(value, key);
  else {
    static const std::vector<std::string> kKnown{"k",      "min_score", "collapse", "box",    "id",    "item",
                                                 "vector", "image",     "exact",    "filter", "where", "compare"};
    const auto near = nearest_name(key, kKnown);
    bad("'" + key + "' is not known (" + join(kKnown, ", ") + ")" + (near ? "; did you mean '" + *near + "'?" : ""));
  }
}

void set_all(QueryForm& form, const json& document) {
  if (!document.is_object()) bad("a JSON object is required");
  for (const auto& [key, value] : document.items()) set(form, key, value);
}

void set_from_address(QueryForm& form, const HttpRequest& request) {
  for (const auto& [key, value] : request.query) {
    if (key == "k" || key == "min_score" || key == "collapse" || key == "box") {
      const json parsed = json::parse(key == "box" ? "[" + value + "]" : value, nullptr, false);
      if (parsed.is_discarded()) bad("'" + key + "' is required to be a number, got '" + value + "'");
      set(form, key, parsed);
    } else {
      bad("'" + key + "' is not taken in the address with a picture (k, min_score, collapse, box)");
    }
  }
}

}  // namespace

json parse_body(const std::string& body) {
  try {
    return json::parse(body);
  } catch (const json::parse_error& e) {
    throw HttpError(400, "[request] a JSON document is required, wrong at byte " + std::to_string(e.byte));
  }
}

std::string picture_from_text(const std::string& given) {
  const size_t head = given.starts_with("data:") ? given.find(',') + 1 : 0;
  try {
    return decode_base64(std::string_view(given).substr(head), "[request]", Base64::kLoose);
  } catch (const Error& e) {
    throw HttpError(400, e.what());
  }
}

int64_t id_from(const std::string& given) {
  const auto id = parse_int(given);
  if (!id) throw HttpError(400, "[request] a whole number is required as id, got '" + given + "'");
  return *id;
}

QueryForm read_query(const HttpRequest& request) {
  QueryForm form;
  if (request.content_type.starts_with("multipart/form-data")) {
    for (const auto& [name, part] : request.parts) {
      if (name == "query")
        set_all(form, parse_body(part.content));
      else if (name == "image")
        form.picture = part.content;
      else
        bad("parts 'image' and 'query' are taken, got '" + name + "'");
    }
  } else if (request.content_type.starts_with("image/") ||
             request.content_type.starts_with("application/octet-stream")) {
    form.picture = request.body;
    set_from_address(form, request);
  } else if (request.content_type.starts_with("application/json")) {
    set_all(form, parse_body(request.body));
  } else {
    throw HttpError(415, "[query] application/json, multipart/form-data or a picture is required, got '" +
                             request.content_type + "'");
  }
  const int sources = !form.picture.empty() + !form.vector.empty() + form.id.has_value();
  if (sources != 1) bad("exactly one of a picture, a vector and an id is required");
  if (form.box && !form.vector.empty()) bad("'box' goes with a picture or an id");
  return form;
}

}  // namespace winnow
