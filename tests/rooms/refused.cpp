#include "paxbank/net/link.hpp"  // core may not
