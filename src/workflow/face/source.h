#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "src/evaluation/face/pair_files.h"
#include "src/workflow/face/model.h"

namespace winnow {

/// Where faces and their vectors come from: pictures and a network, or an embeddings folder.
struct FaceSourceOptions {
  std::string images;      ///< folder or tar below which the names of a list lie
  std::string embeddings;  ///< embeddings folder whose items.csv names them, instead of pictures and network
  DataSource data;         ///< labelled pictures (protocols that take no pair list)
  FaceModelOptions model;
  std::string fit = "center";  ///< see fit_face
  bool flip = true;            ///< embed the mirrored picture too
  double max_bad = 0.001;
};

/// Faces in rows: vectors, names, and how to see them again.
struct FaceSet {
  FaceFeatures features;
  std::vector<std::string> names;
  std::vector<int64_t> labels;  ///< [rows] person, -1 = not known; empty for pair lists
  std::vector<std::string> label_names;
  std::function<Image(int64_t row)> picture;  ///< may throw; empty when there are no pictures
  std::vector<std::string> notes, failed;
  std::vector<std::pair<std::string, std::string>> facts;  ///< provenance
  std::string model_digest;  ///< of the network that made the vectors; empty for feature files
  double embed_seconds = 0;
};

/// Faces of a pair list, one row a picture of the list. @param bin_pictures  encoded pictures of a .bin, else empty
FaceSet faces_of_list(const FacePairList& list, const std::vector<std::string_view>& bin_pictures,
                      const FaceSourceOptions& options);
/// Faces of a labelled collection or embeddings folder.
FaceSet faces_of_collection(const FaceSourceOptions& options);
/// Faces that a reader makes (aligned crops). @param read  as FacePictures::read
FaceSet faces_of_reader(const std::vector<std::string>& names, std::function<Image(int64_t)> read,
                        const FaceSourceOptions& options);
/// Faces named one by one (MegaFace lists).
FaceSet faces_of_names(const std::vector<std::string>& names, const FaceSourceOptions& options);

}  // namespace winnow
