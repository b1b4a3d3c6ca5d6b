#include "data/face_lists.h"
#include "data/record_io.h"
#include "src/evaluation/face/ijb_files.h"
#include "src/evaluation/face/megaface_files.h"
#include "tests/fuzz/targets.h"

namespace winnow::fuzz {
namespace {

void read_noise(std::string_view text) {
  const MemoryFile file(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  const auto noise = read_noise_list(file.path());
  const std::vector<std::string> paths(noise.begin(), noise.end());
  for (const char mark : marked(paths, noise)) require(mark != 0, "a listed path is noise");
}

void read_megaface(std::string_view text) {
  const auto list = parse_megaface_list(text, "fuzz.json");
  require(list.ids.empty() || list.ids.size() == list.paths.size(), "each path has an id or none has");
}

/// Faces of templates, pooled: what is read must be fit for use.
void read_ijb(std::string_view text) {
  const auto texts = parts_of(text, 2);
  const auto faces = parse_ijb_faces(texts[0], "fuzz.tid_mid", texts.size() > 1 ? texts[1] : "", "fuzz.points");
  require(faces.names.size() == faces.landmarks.size() && faces.names.size() == faces.score.size(),
          "each crop has points and a score");
  const std::vector<float> embeddings(faces.names.size() * 2, 0.5f);
  const auto templates = pool_templates(embeddings, 2, faces.faces, faces.score, {});
  for (const auto& face : faces.faces) require(templates.find(face.template_id) >= 0, "each template was pooled");
}

void read_tf_records(std::string_view bytes) {
  for (uint64_t offset = 0; offset < bytes.size();) {
    const uint64_t before = offset;
    const auto payload = read_tf_record(bytes, offset, "fuzz.tfrecord");
    require(offset > before && offset <= bytes.size(), "records move forward inside the file");
    require(tf_record_bytes(payload) == bytes.substr(before, offset - before), "a record reads as it is written");
  }
}

void read_training_file(std::string_view text) {
  const auto texts = parts_of(text, 2);
  const auto index = parse_record_index(texts[0], "fuzz.idx");
  const auto faces = list_face_records(texts.size() > 1 ? texts[1] : "", index, "fuzz.rec");
  require(faces.keys.size() == faces.labels.size(), "each picture has a label");
}

}  // namespace

/// The first byte chooses the reader.
int fuzz_lists(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0] % 10) {
      case 0: read_megaface(text); break;
      case 1: read_noise(text); break;
      case 2: read_ijb(text); break;
      case 3: parse_template_pairs(text, "fuzz.txt"); break;
      case 4: parse_template_subjects(text, "fuzz.csv"); break;
      case 5: parse_training_list(text, "fuzz.lst", size % 2 == 0); break;
      case 6: parse_celeb_line(text, "fuzz.tsv", 1); break;
      case 7: read_tf_records(text); break;
      case 8: parse_datum(text, "fuzz.datum"); break;
      default: read_training_file(text);
    }
  } catch (const Error& e) {
    require_reader_error(e);
  }
  return 0;
}

}  // namespace winnow::fuzz
