#include "data/samplers.h"

namespace winnow {
namespace {

SamplerFamily make_family() {
  SamplerFamily family("sampler");
  family.add<PlainSamplerOptions>({"plain", "every picture once, in a new random order each epoch", ""},
                                  make_plain_sampler);
  family.add<PkSamplerOptions>({"pk", "P classes x K pictures a batch, every class equally often",
                                "Hermans, Beyer, Leibe: In Defense of the Triplet Loss, 2017"},
                               make_pk_sampler);
  family.add<NoOptions>({"balanced", "every class equally often, its pictures in turn", ""}, make_balanced_sampler);
  return family;
}

}  // namespace

const SamplerFamily& sampler_family() {
  static const SamplerFamily family = make_family();
  return family;
}

}  // namespace winnow
