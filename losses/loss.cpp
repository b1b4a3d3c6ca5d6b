#include "losses/loss.h"
