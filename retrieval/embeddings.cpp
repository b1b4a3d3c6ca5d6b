#include "retrieval/embeddings.h"
