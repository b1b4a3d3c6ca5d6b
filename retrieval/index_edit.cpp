#include "retrieval/index_edit.h"

#include "src/core/error.h"

namespace winnow {
namespace {

void require_same_model(const IndexInfo& index, const Embeddings& slice, const fs::path& folder) {
  const auto& info = slice.info();
  if (info.model_digest == index.model_digest && info.preprocessing_digest == index.preprocessing_digest) return;
  throw Error(ErrorCode::kMismatch, "[" + slice.folder().string() + "] embeddings by the model of " + folder.string() +
                                        " (" + index.model_digest.substr(0, 12) + ") are required, these are by " +
                                        info.model_digest.substr(0, 12) + "; `winnow index migrate` changes models");
}

ItemWrite write_of(const Embeddings& slice, int64_t row) {
  const auto& stored = slice.items()[static_cast<size_t>(row)];
  ItemWrite write;
  write.item = {stored.id, stored.path, stored.label, {}};
  const auto& names = slice.info().extra_columns;
  for (size_t i = 0; i < names.size(); ++i) write.item.columns.emplace_back(names[i], stored.extra[i]);
  const auto vector = slice.vector(row);
  write.vector.assign(vector.begin(), vector.end());
  return write;
}

void refuse_known(const Index& index, std::span<const Embeddings> slices) {
  for (const auto& slice : slices) {
    for (const auto& item : slice.items()) {
      if (!index.contains(item.id)) continue;
      throw Error(ErrorCode::kData, "[" + slice.folder().string() + "] new ids are required, " +
                                        std::to_string(item.id) + " (" + item.path +
                                        ") is in the index already; --update replaces such items");
    }
  }
}

}  // namespace

WriteResult add_to_index(const fs::path& folder, std::span<const Embeddings> slices, bool update) {
  // A batch is one record of the log; blocks keep it, and the memory for it, small.
  constexpr int64_t kBlock = 4096;
  const auto index = LiveIndex::open(folder);
  for (const auto& slice : slices) require_same_model(index->info(), slice, folder);
  if (!update) refuse_known(*index->view(), slices);
  WriteResult all;
  for (const auto& slice : slices) {
    for (int64_t at = 0; at < slice.rows(); at += kBlock) {
      std::vector<ItemWrite> block;
      for (int64_t row = at; row < std::min(at + kBlock, slice.rows()); ++row) block.push_back(write_of(slice, row));
      const auto written = index->upsert(block);
      all.inserted += written.inserted;
      all.replaced += written.replaced;
    }
  }
  return all;
}

WriteResult remove_from_index(const fs::path& folder, const RemovalOptions& options) {
  const auto index = LiveIndex::open(folder);
  const auto view = index->view();
  std::vector<int64_t> ids = options.ids;
  for (const int64_t id : ids) {
    if (!options.missing_ok && !view->contains(id)) {
      throw Error(ErrorCode::kNotFound, "[" + folder.string() + "] ids of the index are required, there is no item " +
                                            std::to_string(id) + "; --missing-ok passes over such ids");
    }
  }
  if (!options.where.empty()) {
    const auto found = view->ids(options.where);
    ids.insert(ids.end(), found.begin(), found.end());
  }
  return index->remove(ids);
}

}  // namespace winnow
