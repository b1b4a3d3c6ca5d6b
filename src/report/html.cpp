#include "src/report/html.h"
