// The door libFuzzer calls; WINNOW_FUZZ_TARGET is one of the functions of targets.h.
#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return winnow::fuzz::WINNOW_FUZZ_TARGET(data, size);
}
