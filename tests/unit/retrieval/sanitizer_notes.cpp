// What sanitizers report about libraries that are not ours to mend and not built with them.

#ifdef __SANITIZE_ADDRESS__
// FAISS 1.7.3 forgets the coarse quantizer of a factory string that it refuses half-way.
extern "C" const char* __lsan_default_suppressions() { return "leak:faiss::index_factory"; }
#endif

#ifdef __SANITIZE_THREAD__
// The barriers of OpenMP are invisible to ThreadSanitizer, so every parallel loop of FAISS looks like a race. GDAL,
// which OpenCV's picture codecs load, takes two of its own locks in either order when it registers its drivers.
extern "C" const char* __tsan_default_suppressions() { return "race:faiss::\ndeadlock:libgdal\n"; }
#endif
