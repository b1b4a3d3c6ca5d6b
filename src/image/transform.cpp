#include "src/image/transform.h"
