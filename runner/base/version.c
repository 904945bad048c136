// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/version.h"

const char program_version[] = TRIALBED_VERSION;
