#pragma once

#include "retrieval/postprocess/whitening.h"

namespace winnow {

/// Learns a whitening on an embeddings folder and remembers its model and pictures, so that these are never tested on.
/// @param kind  pca | pairs (of one label). @param out  dimensions kept; 0 = all that the data have
/// @throws Error(kUsage) for another kind, Error(kData) for vectors that are whitened already, without labels (pairs)
/// or of zero length
Whitening learn_whitening(const Embeddings& from, const std::string& kind, int64_t out);

/// A JSON file, sealed. @throws Error(kNotFound | kData)
void write_whitening(const fs::path& file, const Whitening& whitening);
Whitening read_whitening(const fs::path& file);

/// SHA-256 of everything in it: part of the identity of the vectors it made.
std::string whitening_digest(const Whitening& whitening);

// A folder of embeddings or an index keeps the whitening of its vectors as whitening-DIGEST.json (sealed), so that
// queries are whitened alike.

/// @return its digest
std::string keep_whitening(const fs::path& folder, const Whitening& whitening);
/// @throws Error(kNotFound) when the folder has none of this digest, Error(kData) for a damaged one
Whitening find_whitening(const fs::path& folder, const std::string& digest);
/// Takes a whitening over into another folder; nothing to do for an empty digest. @throws as find_whitening
void copy_whitening(const fs::path& from, const fs::path& to, const std::string& digest);

/// Refuses embeddings whose whitening was learned on the very pictures that are to be tested.
/// @throws Error(kData) naming a picture
void require_fair_whitening(const Embeddings& queries);

/// The same embeddings, whitened, in another folder. @throws Error(kMismatch) for another model, as learn_whitening
void whiten_embeddings(const Embeddings& from, const Whitening& whitening, const fs::path& out,
                       const std::string& dtype = "float32");

}  // namespace winnow
