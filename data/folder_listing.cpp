#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "data/manifest.h"
#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

constexpr std::array<std::string_view, 10> kPictureExtensions = {".jpg", ".jpeg", ".png",  ".bmp", ".pgm",
                                                                 ".ppm", ".pnm",  ".webp", ".tif", ".tiff"};

struct Listing {
  std::vector<std::string> pictures;  // relative to the root
  std::map<std::string, int64_t> by_class;
  int64_t others = 0;
  std::string first_other;
};

[[noreturn]] void unreadable(const fs::path& folder, const std::error_code& error) {
  throw Error(ErrorCode::kData,
              "[data] " + to_valid_utf8(folder.string()) + ": the folder cannot be listed: " + error.message());
}

/// The file part of a relative path "class/..." decides the class: its first component.
std::string class_of(const std::string& path) {
  const size_t slash = path.find('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

void take_file(const std::string& path, Listing& listing) {
  if (is_picture_name(path)) {
    listing.pictures.push_back(path);
    ++listing.by_class[class_of(path)];
  } else if (listing.others++ == 0) {
    listing.first_other = path;
  }
}

/// @param above  real paths of the folders on the way down, so that a link to one of them is not followed for ever
void walk(const fs::path& folder, const std::string& prefix, std::set<fs::path>& above, Listing& listing) {
  std::error_code error;
  const fs::path real = fs::canonical(folder, error);
  if (error) unreadable(folder, error);
  if (!above.insert(real).second) return;
  fs::directory_iterator entries(folder, error);
  if (error) unreadable(folder, error);
  for (; entries != fs::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (name.starts_with('.')) continue;
    std::error_code ignored;
    if (entries->is_directory(ignored)) {
      if (prefix.empty()) listing.by_class.try_emplace(name, 0);
      walk(entries->path(), prefix + name + "/", above, listing);
    } else {
      take_file(prefix + name, listing);
    }
  }
  if (error) unreadable(folder, error);
  above.erase(real);
}

void add_notes(const Listing& listing, bool flat, Manifest& manifest) {
  for (const auto& [name, count] : listing.by_class)
    if (!name.empty() && count == 0) manifest.empty_classes.push_back(name);
  if (!manifest.empty_classes.empty())
    manifest.notes.push_back(std::to_string(manifest.empty_classes.size()) +
                             " class folders hold no picture: " + to_valid_utf8(join(manifest.empty_classes, ", ")));
  if (listing.others > 0)
    manifest.notes.push_back(std::to_string(listing.others) +
                             " files without a picture extension were passed over, e.g. " +
                             to_valid_utf8(listing.first_other));
  const auto loose = listing.by_class.find("");
  if (!flat && loose != listing.by_class.end())
    manifest.notes.push_back(std::to_string(loose->second) +
                             " pictures lie directly in the folder, outside every class folder, and have no label");
}

}  // namespace

bool is_picture_name(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return false;
  const std::string extension = lower(name.substr(dot));
  return std::find(kPictureExtensions.begin(), kPictureExtensions.end(), extension) != kPictureExtensions.end();
}

Manifest list_folder(const fs::path& root) {
  Listing listing;
  std::set<fs::path> above;
  walk(root, "", above, listing);
  if (listing.pictures.empty())
    throw Error(
        ErrorCode::kData,
        "[data] " + to_valid_utf8(root.string()) +
            ": a folder of class folders with pictures (jpg, png, bmp, pgm, ppm, webp, tif) is required, it holds " +
            (listing.others ? std::to_string(listing.others) + " other files" : std::string("none")));
  std::sort(listing.pictures.begin(), listing.pictures.end());
  Manifest manifest;
  manifest.folder = root;
  manifest.table.source = root.string();
  manifest.table.header = {"path", "label"};
  const bool flat = class_of(listing.pictures.front()).empty() &&
                    listing.by_class[""] == static_cast<int64_t>(listing.pictures.size());
  manifest.labelled = false;  // loose pictures have their own note
  add_notes(listing, flat, manifest);
  for (auto& path : listing.pictures) {
    const std::string label = class_of(path);
    manifest.table.rows.push_back({std::move(path), label});
    manifest.table.lines.push_back(static_cast<int64_t>(manifest.table.rows.size()));
  }
  return manifest;
}

}  // namespace winnow
