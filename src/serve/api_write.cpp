#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "src/serve/api.h"

namespace winnow {
namespace {

constexpr size_t kMaxItems = 1000;

using nlohmann::json;

[[noreturn]] void bad(const std::string& what) { throw HttpError(400, "[item] " + what); }

std::vector<float> vector_from(const json& value) {
  if (!value.is_array()) bad("'vector' is required to be a list of numbers");
  std::vector<float> out;
  for (const auto& one : value) {
    if (!one.is_number()) bad("'vector' is required to be a list of numbers");
    out.push_back(one.get<float>());
  }
  return out;
}

std::string text_from(const json& value, const std::string& key) {
  if (!value.is_string()) bad("'" + key + "' is required to be text");
  return value.get<std::string>();
}

/// Puts a column in the place of the old one of this name.
void set_column(IndexItem& item, const std::string& name, const std::string& value) {
  const auto at =
      std::find_if(item.columns.begin(), item.columns.end(), [&](const auto& c) { return c.first == name; });
  if (at == item.columns.end())
    item.columns.emplace_back(name, value);
  else
    at->second = value;
}

json write_document(const WriteResult& result, int64_t generation) {
  return {{"inserted", result.inserted},
          {"replaced", result.replaced},
          {"removed", result.removed},
          {"generation", generation}};
}

}  // namespace

/// An item's new state: what the document does not name stays as it is.
ItemWrite SearchApi::item_write(int64_t id, const json& document, const std::string& picture,
                                const HttpRequest& request) const {
  if (!document.is_object()) bad("a JSON object is required");
  const auto view = parts_.main->index().view();
  ItemWrite out;
  const bool known = view->contains(id);
  if (known) out.item = view->item(id);
  out.item.id = id;
  std::string bytes = picture;
  for (const auto& [key, value] : document.items()) {
    if (key == "label")
      out.item.label = text_from(value, key);
    else if (key == "vector")
      out.vector = vector_from(value);
    else if (key == "image")
      bytes = picture_from_text(text_from(value, key));
    else if (key == "columns" && value.is_object()) {
      for (const auto& [name, column] : value.items()) set_column(out.item, name, text_from(column, name));
    } else if (key != "id") {
      bad("'" + key + "' is not taken (label, columns as an object, vector or image)");
    }
  }
  if (!bytes.empty() && !out.vector.empty()) bad("either a picture or a vector is taken, not both");
  if (!bytes.empty()) {
    out.vector = parts_.main->embed(bytes, std::nullopt, request.deadline, *request.steps);
    out.item.path = parts_.main->keep_picture(bytes);
  } else if (!out.vector.empty()) {
    out.item.path.clear();  // the old picture is not what the new vector was made of
  } else if (known) {
    out.vector = view->vector(id);
  } else {
    bad("a new item needs a picture or a vector");
  }
  return out;
}

void SearchApi::put_item(const HttpRequest& request, HttpResponse& response) {
  const int64_t id = id_from(request.path_values.at("id"));
  json document = json::object();
  std::string picture;
  if (request.content_type.starts_with("multipart/form-data")) {
    for (const auto& [name, part] : request.parts) {
      if (name == "item")
        document = parse_body(part.content);
      else if (name == "image")
        picture = part.content;
      else
        bad("parts 'image' and 'item' are taken, got '" + name + "'");
    }
  } else if (request.content_type.starts_with("image/")) {
    picture = request.body;
  } else if (request.content_type.starts_with("application/json")) {
    document = parse_body(request.body);
  } else {
    throw HttpError(415, "[item] application/json, multipart/form-data or a picture is required");
  }
  const ItemWrite write[] = {item_write(id, document, picture, request)};
  const StepTimer timer(*request.steps, "write");
  const auto result = parts_.main->index().upsert(write);
  response.status = result.inserted > 0 ? 201 : 200;
  answer_json(response, write_document(result, parts_.main->index().info().generation));
}

void SearchApi::post_items(const HttpRequest& request, HttpResponse& response) {
  const json document = parse_body(request.body);
  if (!document.is_object() || !document.contains("items") || !document["items"].is_array())
    bad("{\"items\": [{\"id\": 1, ...}, ...]} is required");
  const json& items = document["items"];
  if (items.empty() || items.size() > kMaxItems)
    bad("1 to " + std::to_string(kMaxItems) + " items are taken at once, got " + std::to_string(items.size()));
  std::vector<ItemWrite> writes;
  for (const auto& item : items) {
    if (!item.is_object() || !item.contains("id") || !item["id"].is_number_integer())
      bad("every item needs a whole 'id'");
    writes.push_back(item_write(item["id"].get<int64_t>(), item, "", request));
  }
  const StepTimer timer(*request.steps, "write");
  answer_json(response, write_document(parts_.main->index().upsert(writes), parts_.main->index().info().generation));
}

void SearchApi::delete_item(const HttpRequest& request, HttpResponse& response) {
  const int64_t id[] = {id_from(request.path_values.at("id"))};
  const StepTimer timer(*request.steps, "write");
  const auto result = parts_.main->index().remove(id);
  if (result.removed == 0) throw HttpError(404, "[item] there is no item " + std::to_string(id[0]));
  answer_json(response, write_document(result, parts_.main->index().info().generation));
}

void SearchApi::feedback(const HttpRequest& request, HttpResponse& response) {
  if (!parts_.feedback) throw HttpError(403, "[feedback] this server keeps none (start it with --feedback FILE.csv)");
  const json document = parse_body(request.body);
  if (!document.is_object() || !document.contains("item") || !document["item"].is_number_integer())
    bad("{\"item\": 7, \"verdict\": \"right\"} is required");
  const IndexItem item = parts_.main->index().view()->item(document["item"].get<int64_t>());
  if (item.id < 0 || item.path.empty() || Catalogue::is_upload(item.path))
    throw HttpError(409, "[feedback] item " + std::to_string(item.id) + " is not of the manifest; change it with PUT");
  const std::string verdict = text_from(document.value("verdict", json()), "verdict");
  Feedback entry{item.id, item.path, item.label, "", "", 0, "", request.id};
  entry.new_label = document.contains("label") ? text_from(document["label"], "label") : "";
  entry.query = document.contains("query") ? text_from(document["query"], "query").substr(0, 200) : "";
  entry.score = document.contains("score") && document["score"].is_number() ? document["score"].get<double>() : 0;
  if (verdict == "right")
    entry.decision = "keep";
  else if (verdict == "wrong")
    entry.decision = "unsure";  // the search was wrong; the label need not be
  else if (verdict == "wrong_label")
    entry.decision = entry.new_label.empty() ? "drop" : "relabel";
  else
    bad("'verdict' right, wrong or wrong_label is required, got '" + verdict + "'");
  if (entry.decision != "relabel") entry.new_label.clear();
  parts_.feedback->put(entry);
  answer_json(response, {{"row", entry.row}, {"decision", entry.decision}, {"decisions", parts_.feedback->size()}});
}

void SearchApi::compact(const HttpRequest& request, HttpResponse& response) {
  const StepTimer timer(*request.steps, "compact");
  const IndexInfo info = parts_.main->index().compact();
  answer_json(response, {{"generation", info.generation}, {"items", info.live}, {"type", info.type}});
}

}  // namespace winnow
