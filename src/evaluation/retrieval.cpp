#include "src/evaluation/retrieval.h"
