#include "src/config/reader.h"
