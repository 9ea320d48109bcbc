#include "paxbank/core/replica.hpp"
