#pragma once

namespace winnow {

// Internal to retrieval. LibTorch exports only those BLAS and LAPACK routines of its MKL that Torch itself calls. FAISS
// needs six more (for PCA, OPQ, ITQ and LSQ); faiss_lapack.cpp gives them in terms of exported ones.

/// Does nothing; naming it makes the linker take the object file with the routines out of the static library.
void link_lapack_bridge() noexcept;

}  // namespace winnow
