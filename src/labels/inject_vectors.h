#pragma once

#include "src/labels/inject.h"

namespace winnow {

// Internal to labels: noise that depends on what pictures look like.

/// Rows are drawn one after the other with a chance in proportion to the prototype signal's doubt (Gumbel keys); each
/// takes the class of the best other centre. Not `exact`: a row changes with chance min(1, rate * doubt / mean doubt).
void change_by_instance(InjectedLabels& out, int64_t classes, const InjectOptions& options);

/// Random seeds; each takes its nearest unchanged rows of the same class, `cluster_size` in all, to one other class.
void change_by_cluster(InjectedLabels& out, int64_t classes, const InjectOptions& options);

}  // namespace winnow
