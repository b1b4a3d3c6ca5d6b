#include "src/models/model.h"
