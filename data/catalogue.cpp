#include "data/catalogue.h"

#include <fcntl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/core/random.h"
#include "src/image/codec.h"

namespace winnow {
namespace {

constexpr const char* kStamp = "catalogue.txt";
/// Raised when the drawing changes, so that older catalogues are made anew.
constexpr int kDrawingVersion = 1;

struct Shot {
  int64_t class_id = 0, shot = 0;
  std::string path, label;
};

void require_options(const CatalogueOptions& o) {
  const auto require = [](bool fine, const char* what) {
    if (!fine) throw Error(ErrorCode::kUsage, std::string("[catalogue] ") + what);
  };
  require(o.classes >= 2 && o.classes <= 5000, "classes must be in 2..5000");
  require(o.held_out_classes >= 1 && o.held_out_classes <= 5000, "held_out_classes must be in 1..5000");
  require(o.per_class >= 1 && o.per_class <= 1000, "per_class must be in 1..1000");
  require(o.gallery_per_class >= 1 && o.gallery_per_class <= 1000, "gallery_per_class must be in 1..1000");
  require(o.query_per_class >= 1 && o.query_per_class <= 1000, "query_per_class must be in 1..1000");
  require(o.size >= 16 && o.size <= 1024, "size must be in 16..1024");
  require(o.noise >= 0 && o.noise <= 1, "noise must be in 0..1");
}

std::string describe(const CatalogueOptions& o) {
  std::ostringstream text;
  text << "winnow catalogue, drawing " << kDrawingVersion << "\nclasses " << o.classes << "\nheld_out_classes "
       << o.held_out_classes << "\nper_class " << o.per_class << "\ngallery_per_class " << o.gallery_per_class
       << "\nquery_per_class " << o.query_per_class << "\nsize " << o.size << "\nnoise " << o.noise << "\nseed "
       << o.seed << "\n";
  return text.str();
}

/// True when the folder holds this very catalogue, finished.
bool is_made(const fs::path& folder, const CatalogueOptions& options) {
  if (!fs::exists(folder / kStamp)) return false;
  std::string expected = describe(options);
  for (const char* name : {"train.csv", "gallery.csv", "query.csv"}) {
    if (!fs::exists(folder / name)) return false;
    expected += std::string(name) + " " + sha256_file(folder / name) + "\n";
  }
  return fs::is_directory(folder / "images") && read_file(folder / kStamp) == expected;
}

std::vector<Shot> plan_shots(const CatalogueOptions& o, const char* split, int64_t first_class, int64_t classes,
                             int64_t first_shot, int64_t shots) {
  std::vector<Shot> plan;
  for (int64_t c = first_class; c < first_class + classes; ++c) {
    const std::string name = product_name(o.seed, c);
    for (int64_t s = 0; s < shots; ++s) {
      char file[32];
      std::snprintf(file, sizeof file, "%03lld.jpg", static_cast<long long>(s));
      plan.push_back({c, first_shot + s, std::string("images/") + split + "/" + name + "/" + file, name});
    }
  }
  return plan;
}

void write_picture(const fs::path& file, const Shot& shot, const CatalogueOptions& o) {
  const Image image = draw_product(o.seed, shot.class_id, shot.shot, static_cast<int>(o.size));
  Random random(o.seed, "catalogue-jpeg", static_cast<uint64_t>(shot.class_id), static_cast<uint64_t>(shot.shot));
  const auto bytes = encode_jpeg(image, 75 + static_cast<int>(random.below(20)));
  std::ofstream out(file, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) throw Error(ErrorCode::kDevice, "[catalogue] cannot write " + file.string());
}

/// One flush for all pictures; thousands of single ones would take longer than drawing them.
void flush_file_system(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::syncfs(fd);
  ::close(fd);
}

void write_pictures(const fs::path& folder, const std::vector<Shot>& shots, const CatalogueOptions& options) {
  const fs::path temporary = folder / "images.partial";
  fs::remove_all(temporary);
  const auto target = [&](const Shot& shot) { return temporary / fs::path(shot.path).lexically_relative("images"); };
  for (const Shot& shot : shots) make_folder(target(shot).parent_path());
  parallel_for(
      static_cast<int64_t>(shots.size()),
      [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) write_picture(target(shots[i]), shots[i], options);
      },
      0, 8);
  flush_file_system(temporary);
  fs::remove_all(folder / "images");
  fs::rename(temporary, folder / "images");
  sync_folder(folder);
}

/// Names of the wrong labels' classes, or of the right ones, a row.
std::vector<int64_t> noisy_classes(const std::vector<Shot>& train, const CatalogueOptions& o) {
  std::vector<int64_t> labels, order;
  for (size_t i = 0; i < train.size(); ++i) {
    labels.push_back(train[i].class_id);
    order.push_back(static_cast<int64_t>(i));
  }
  Random random(o.seed, "catalogue-noise");
  random.shuffle(order);
  const auto wrong = static_cast<size_t>(std::llround(o.noise * static_cast<double>(train.size())));
  for (size_t i = 0; i < wrong; ++i) {
    int64_t& label = labels[order[i]];
    label = (label + 1 + static_cast<int64_t>(random.below(static_cast<uint64_t>(o.classes - 1)))) % o.classes;
  }
  return labels;
}

std::string train_csv(const std::vector<Shot>& train, const CatalogueOptions& o) {
  std::vector<std::string> names;
  for (int64_t c = 0; c < o.classes; ++c) names.push_back(product_name(o.seed, c));
  const std::vector<int64_t> given = noisy_classes(train, o);
  std::string text = csv_line({"path", "label", "true_label"});
  for (size_t i = 0; i < train.size(); ++i) text += csv_line({train[i].path, names[given[i]], train[i].label});
  return text;
}

std::string clean_csv(const std::vector<Shot>& shots) {
  std::string text = csv_line({"path", "label"});
  for (const Shot& shot : shots) text += csv_line({shot.path, shot.label});
  return text;
}

}  // namespace

void make_catalogue(const fs::path& folder, const CatalogueOptions& options) {
  require_options(options);
  make_folder(folder);
  const FolderLock lock(folder);
  if (is_made(folder, options)) return;
  fs::remove(folder / kStamp);
  const CatalogueOptions& o = options;
  const auto train = plan_shots(o, "train", 0, o.classes, 0, o.per_class);
  const auto gallery = plan_shots(o, "gallery", o.classes, o.held_out_classes, 0, o.gallery_per_class);
  const auto query = plan_shots(o, "query", o.classes, o.held_out_classes, o.gallery_per_class, o.query_per_class);
  std::vector<Shot> all = train;
  all.insert(all.end(), gallery.begin(), gallery.end());
  all.insert(all.end(), query.begin(), query.end());
  write_pictures(folder, all, o);
  std::string stamp = describe(o);
  stamp += "train.csv " + write_file_atomically(folder / "train.csv", train_csv(train, o)) + "\n";
  stamp += "gallery.csv " + write_file_atomically(folder / "gallery.csv", clean_csv(gallery)) + "\n";
  stamp += "query.csv " + write_file_atomically(folder / "query.csv", clean_csv(query)) + "\n";
  write_file_atomically(folder / kStamp, stamp);
}

}  // namespace winnow
