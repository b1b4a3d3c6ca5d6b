#include "src/training/trainer.h"
