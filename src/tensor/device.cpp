#include "src/tensor/device.h"
