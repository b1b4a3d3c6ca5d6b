#include "src/labels/inject.h"
